"""Headers and bodies changed on the way, as clients and origins see it."""
import base64
import gzip
import hashlib
import json

import pytest
import requests

from origins import ForEver, answer, read, read_head, send
from ways import Way, wait_events, wait_requests

DOCUMENT = {"id": 7, "price": 19.99, "items": ["a", "b"], "owner": {"name": "Ann", "age": 40}}
BODY = json.dumps(DOCUMENT).encode()
JSON = ("Content-Type: application/json", 'ETag: "strong"', "Content-MD5: x")
PLAIN = ForEver([read_head(), answer(BODY, headers=JSON)])
CHUNKED = ForEver([read_head(), send(
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n"
    b"10\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (BODY[:16], len(BODY) - 16, BODY[16:]))])
PACKED = ForEver([read_head(), answer(gzip.compress(BODY),
                                      headers=(*JSON, "Content-Encoding: gzip"))])


def upload(length):
    """An origin that answers what it got."""
    return ForEver([read_head(), read(length), answer()])


def fault_of(through, count=1):
    return wait_events(through.panne, "fault", count)[count - 1]


def received(through):
    """Head and body of the one request that came."""
    return bytes(through.origin.received[0]).split(b"\r\n\r\n", 1)


def test_the_wrong_date_and_type(way, faults):
    through = way("plain", PLAIN, scenario=faults(
        'header: {set: {Date: "Thu, 01 Jan 1970 00:00:00 GMT", content-type: text/html},'
        ' add: {X-Twice: a}, remove: [ETag, Nothing]}'))
    with through.client() as client:
        got = client.fetch()
    assert got.get("Date") == "Thu, 01 Jan 1970 00:00:00 GMT"
    assert got.all("Content-Type") == ["text/html"] and got.get("X-Twice") == "a"
    assert got.get("ETag") is None and got.body == BODY
    assert fault_of(through)["exercised"]


@pytest.mark.parametrize("kind", Way.ALL)
def test_header_of_both(way, faults, kind):
    through = way(kind, PLAIN, scenario=faults(
        "header: {set: {X-Mode: verbose, User-Agent: other}, remove: Accept, on: both}"))
    got = requests.get(through.base, timeout=5, headers={"X-Mode": "quiet"}, **through.requests)
    assert got.headers["X-Mode"] == "verbose" and got.json() == DOCUMENT
    head = received(through)[0].lower()
    assert b"x-mode: verbose" in head and b"quiet" not in head
    assert head.count(b"user-agent: other") == 1 and b"\r\naccept:" not in head


def test_what_is_there_is_not_touched(way, faults):
    through = way("plain", PLAIN, scenario=faults(
        "header: {set: {Content-Type: application/json}, remove: X-Not-There}"))
    assert requests.get(through.base, timeout=5).json() == DOCUMENT
    assert not fault_of(through)["exercised"]


def test_a_coding_that_is_not_true(way, faults):
    through = way("plain", PLAIN, scenario=faults("header: {set: {Content-Encoding: gzip}}"))
    with pytest.raises(requests.exceptions.ContentDecodingError):
        requests.get(through.base, timeout=5)
    assert through.curl("--compressed").returncode == 61


@pytest.mark.parametrize("kind", Way.ALL)
@pytest.mark.parametrize("script", [PLAIN, CHUNKED, PACKED], ids=["length", "chunked", "gzip"])
def test_replaced(way, faults, kind, script):
    through = way(kind, script, scenario=faults(
        'body: {replace: "<h1>Maintenance</h1>", content-type: text/html}'))
    got = requests.get(through.base, timeout=5, **through.requests)
    assert got.text == "<h1>Maintenance</h1>" and got.headers["Content-Length"] == "20"
    assert got.headers["Content-Type"] == "text/html" and "Content-Encoding" not in got.headers
    digest = base64.b64encode(hashlib.md5(got.content).digest()).decode()
    assert got.headers.get("Content-MD5") in (None, digest), "made anew, or gone"
    assert got.headers.get("ETag") in (None, 'W/"strong"')
    done = through.curl()
    assert (done.returncode, done.stdout) == (0, "<h1>Maintenance</h1>")
    assert fault_of(through)["exercised"]


@pytest.mark.parametrize("kind", Way.ALL)
@pytest.mark.parametrize("script", [PLAIN, CHUNKED, PACKED], ids=["length", "chunked", "gzip"])
def test_merged(way, faults, kind, script):
    through = way(kind, script, scenario=faults(
        "body: {merge: {items: [], owner: {age: null, name: '7'}, new: 7}}"))
    with requests.Session() as session:
        for _ in range(2):
            got = session.get(through.base, timeout=5, **through.requests)
            assert got.json() == {"id": 7, "price": 19.99, "items": [], "owner": {"name": "7"},
                                  "new": 7}
            assert list(got.json()) == ["id", "price", "items", "owner", "new"]
            assert "Transfer-Encoding" not in got.headers
    assert int(got.headers["Content-Length"]) > 0
    assert all(fault["exercised"] for fault in wait_events(through.panne, "fault", 2))
    assert {event["outcome"] for event in wait_requests(through.panne, 2)} == {"answered"}


TRAILED = ForEver([read_head(), send(
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n"
    b"Digest: sha-256=x\r\n\r\n2\r\n{}\r\n0\r\nX-Sum: y\r\n\r\n")])


@pytest.mark.parametrize("fault, body", [("body: {merge: {a: 1}}", b'{"a":1}'),
                                         ("flood: {body: x2}", b"{}  ")])
def test_a_trailer_behind_what_was_held(way, faults, fault, body):
    through = way("plain", TRAILED, scenario=faults(fault))
    with through.client() as client:
        got = client.fetch()
        assert (got.whole, got.body, got.trailers) == (True, body, [])
        assert got.get("Content-Length") == str(len(body)), "the trailer does not count"
        got = client.fetch(headers=("TE: trailers", "Connection: TE"))
        assert (got.whole, got.body, got.trailers) == (True, body, [("X-Sum", "y")])
        assert got.get("Content-Length") is None, "only chunks have trailers"


@pytest.mark.parametrize("kind", Way.ALL)
@pytest.mark.parametrize("script", [PLAIN, CHUNKED, PACKED], ids=["length", "chunked", "gzip"])
def test_found(way, faults, kind, script):
    through = way(kind, script, scenario=faults(
        r"""body: {find: '"(\w)"', with: '"$1$1"'}"""))
    got = requests.get(through.base, timeout=5, **through.requests)
    assert got.json()["items"] == ["aa", "bb"]
    assert fault_of(through)["exercised"]


def test_old_clients_are_told_the_length(way, faults):
    through = way("plain", CHUNKED, scenario=faults("body: {find: Ann, with: Bob}"))
    done = through.curl("-i", "--http1.0")
    assert f"Content-Length: {len(BODY)}" in done.stdout and '"Bob"' in done.stdout


def test_no_json_is_left_alone(way, faults):
    script = ForEver([read_head(), answer(b"<html>", headers=("Content-MD5: x",))])
    through = way("plain", script, scenario=faults("body: {merge: {a: 1}}"))
    got = requests.get(through.base, timeout=5)
    assert got.content == b"<html>" and got.headers["Content-Length"] == "6"
    assert not fault_of(through)["exercised"]


@pytest.mark.parametrize("kind", Way.ALL)
@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_what_is_too_long_passes(way, faults, kind, chunked):
    body = b'{"a": "%s"}' % (b"x" * 3_000_000)
    head = b"Content-Length: %d\r\n\r\n" % len(body)
    if chunked:
        head, body = b"Transfer-Encoding: chunked\r\n\r\n", b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    through = way(kind, ForEver([read_head(), send(b"HTTP/1.1 200 OK\r\n" + head + body)]),
                  scenario=faults("body: {merge: {b: 1}}", "body: {find: x, with: y}"))
    got = requests.get(through.base, timeout=10, **through.requests)
    assert got.json() == {"a": "x" * 3_000_000}
    assert not any(fault["exercised"] for fault in wait_events(through.panne, "fault", 2))


def test_a_body_up_to_the_limit(way, faults):
    body = b"x" * (192 * 1024)
    through = way("plain", ForEver([read_head(), answer(body)]),
                  scenario=faults("body: {find: x, with: y, limit: 192KiB}"))
    got = requests.get(through.base, timeout=10)
    assert got.content == body.replace(b"x", b"y")
    assert fault_of(through)["touched"] == 2 * len(body)


def test_a_regular_expression_that_never_ends(way, faults):
    through = way("plain", ForEver([read_head(), answer(b"a" * 100_000)]),
                  scenario=faults("body: {find: '(a|aa)+[bc]', with: y}"))
    got = requests.get(through.base, timeout=10)
    assert got.content == b"a" * 100_000 and not fault_of(through)["exercised"]


def test_an_event_stream_is_not_held_back(way, faults):
    script = [read_head(), send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
                                b"data: one\n\n"), read(1)]
    through = way("plain", script, scenario=faults("body: {find: one, with: two}"))
    with through.client() as client:
        client.ask()
        while b"data: one\n\n" not in client.buffer:
            assert client.more()


@pytest.mark.parametrize("kind", Way.ALL)
def test_the_origin_gets_another_body(way, faults, kind):
    through = way(kind, upload(8), scenario=faults("body: {replace: '{\"a\": 1}', on: request}"))
    got = requests.post(through.base, timeout=5, data=b"original", **through.requests)
    assert got.status_code == 200
    head, body = received(through)
    assert body == b'{"a": 1}' and b"Content-Length: 8" in head
    assert fault_of(through)["exercised"]


@pytest.mark.parametrize("kind", Way.ALL)
def test_the_origin_gets_a_patched_body(way, faults, kind):
    sent = b'c\r\n{"a":1,"b":2}\r\n0\r\n\r\n'.replace(b"c", b"d", 1)
    through = way(kind, upload(len(sent)), scenario=faults("body: {merge: {b: 2}, on: request}"))
    got = requests.post(through.base, timeout=5, json={"a": 1}, **through.requests)
    assert got.status_code == 200
    head, body = received(through)
    assert body == sent and b"Transfer-Encoding: chunked" in head
    assert fault_of(through)["exercised"]


def test_a_request_without_a_body_gets_none(way, faults):
    through = way("plain", PLAIN, scenario=faults("body: {replace: new, on: both}"))
    assert requests.get(through.base, timeout=5).text == "new"
    assert received(through)[1] == b""


def test_made_answers_are_edited_too(way, faults):
    through = way("plain", PLAIN, scenario=faults(
        "error: {status: 503, body: sorry, content-type: text/plain}",
        "body: {find: sorry, with: 'so sorry'}", "header: {set: {X-A: b}}"))
    got = requests.get(through.base, timeout=5)
    assert (got.status_code, got.text, got.headers["X-A"]) == (503, "so sorry", "b")


def test_a_body_that_breaks_off_stays_broken(way, faults):
    script = ForEver([read_head(), send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"),
                      lambda connection, received: False])
    through = way("plain", script, scenario=faults("body: {merge: {a: 1}}"))
    assert through.curl().returncode in (18, 56)
    assert not fault_of(through)["exercised"]
    assert wait_requests(through.panne, 1)[0]["outcome"] == "cut"
