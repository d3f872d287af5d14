"""Matches that ask about the request's body, as the APIs do that name their action there."""
import json

import pytest
import requests

from origins import ForEver, answer, read_head, read_request
from ways import Way, events, wait_requests

KEPT = ForEver([read_request(), answer()])


@pytest.fixture
def matching(scenario):
    def write(match, fault="error: 503"):
        return scenario(f"panne: 1\nservices: {{any: {{match: {{}}}}}}\nphases:\n  - name: bad\n"
                        f"    faults:\n      - {{service: any, {fault}, when: {match}}}\n")
    return write


def post(through, body, **named):
    return requests.post(through.base + "/", data=body, timeout=10, **named, **through.requests)


@pytest.mark.parametrize("kind", Way.ALL)
def test_a_form_names_its_action(way, matching, kind):
    through = way(kind, KEPT, scenario=matching("{body: {form: {Action: [Run*, 'Send Message']}}}"))
    assert post(through, {"Action": "RunInstances", "Version": "1"}).status_code == 503
    assert post(through, {"Version": "1", "Action": "Send Message"}).status_code == 503
    assert post(through, {"Action": "DescribeInstances", "Other": "Run"}).status_code == 200
    assert post(through, b"Action=RunInstances", headers={"Content-Type": "text/plain"}).status_code == 200
    assert requests.get(through.base, timeout=5, **through.requests).status_code == 200
    assert b"Action=DescribeInstances&Other=Run" in bytes(b"".join(through.origin.received))


@pytest.mark.parametrize("kind", Way.ALL)
def test_a_json_value_is_pointed_at(way, matching, kind):
    through = way(kind, KEPT, scenario=matching("{body: {json: {/user/id: 7, /a~1b/0: 'x*'}}}"))
    assert post(through, json.dumps({"user": {"id": 7}, "a/b": ["xyz"]})).status_code == 503
    for other in ({"user": {"id": 8}, "a/b": ["xyz"]}, {"user": {"id": 7}, "a/b": []}, [], "text"):
        assert post(through, json.dumps(other)).status_code == 200
    assert post(through, b'{"user": {"id": 7').status_code == 200


def chunks(*pieces):
    yield from pieces


def test_a_body_in_pieces_arrives_whole(way, matching):
    through = way("plain", KEPT, scenario=matching("{body: {text: '*needle*'}}"))
    assert post(through, chunks(b"x" * 1000, b"nee", b"dle", b"y" * 1000)).status_code == 503
    got = post(through, chunks(b"hay" * 100, b"stack" * 30000))
    assert got.status_code == 200
    assert b"hay" * 100 in b"".join(through.origin.received)


@pytest.mark.parametrize("kind", Way.ALL)
def test_a_large_upload_is_looked_at_in_part_and_passed_whole(way, matching, kind, tmp_path):
    through = way(kind, KEPT, scenario=matching("{body: {text: '*needle*'}}"))
    body = b"x" * 3_000_000 + b"needle"
    assert post(through, body).status_code == 200
    received = b"".join(through.origin.received)
    assert received.endswith(b"needle") and received.count(b"x") >= 3_000_000
    assert post(through, b"needle" + b"x" * 100_000).status_code == 503


def test_a_client_that_asks_first_is_told_to_go_on(way, matching, tmp_path):
    through = way("plain", KEPT, scenario=matching("{body: {text: '*needle*'}}"))
    file = tmp_path / "body"
    file.write_bytes(b"needle")
    done = through.curl("-H", "Expect: 100-continue", "--expect100-timeout", "30", "-o", "/dev/null",
                        "-w", "%{http_code}", "--data-binary", f"@{file}", "--max-time", "10")
    assert done.stdout == "503", done.stderr


def test_filters_get_what_was_looked_at(way, scenario):
    through = way("plain", KEPT, scenario=scenario(
        "panne: 1\nservices: {any: {match: {}}}\nphases:\n  - name: bad\n    faults:\n"
        "      - {service: any, truncate: {after: 3B, on: request, end: clean}, "
        "when: {body: {text: '*dle'}}}\n"))
    post(through, b"needle")
    wait_requests(through.panne, 1)
    assert through.origin.received[0].endswith(b"nee")
    assert events(through.panne, "fault")[0]["exercised"]


def test_a_service_is_known_by_its_body(way, scenario):
    through = way("plain", KEPT, scenario=scenario(
        "panne: 1\nservices:\n  ec2: {match: {body: {form: {Action: '*'}}}}\n  other: {match: {}}\n"
        "phases:\n  - name: bad\n    faults: [{service: ec2, error: 503}]\n"))
    assert post(through, {"Action": "Run"}).status_code == 503
    assert post(through, b"{}").status_code == 200
    assert [event["service"] for event in wait_requests(through.panne, 2)] == ["ec2", "other"]


def test_a_client_that_leaves_within_its_body_is_logged(way, matching):
    through = way("plain", KEPT, scenario=matching("{body: {text: '*needle*'}}"))
    with through.client() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nnee")
    assert wait_requests(through.panne, 1)[0]["outcome"] == "client-left"
    assert not any(through.origin.received)


def test_a_body_that_does_not_come_ends_in_time(way, matching):
    through = way("plain", KEPT, scenario=matching("{body: {text: '*needle*'}}"),
                  options=("--idle-timeout", "300ms"))
    with through.client() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nnee")
        assert client.answer().status == 408
