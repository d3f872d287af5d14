"""Hangs in bodies, up and down, as clients and origins see them."""
import time

import pytest
import requests

import wire
from origins import ForEver, answer, read, read_head, read_to_end, send, wait_until
from ways import Way, run, wait_events, wait_requests

BODY = b"0123456789" * 1000
KEPT = ForEver([read_head(), answer(BODY)])


def check_fault(panne):
    fault = wait_events(panne, "fault", 1)[0]
    assert (fault["kind"], fault["exercised"]) == ("hang", True) and fault["touched"] > 0


@pytest.mark.parametrize("kind", Way.ALL)
def test_the_head_comes_and_nothing_behind_it(way, faults, kind):
    through = way(kind, KEPT, scenario=faults("hang: {at: body, after: 0}"))
    got = requests.get(through.base, timeout=0.5, stream=True, **through.requests)
    assert got.status_code == 200 and got.headers["Content-Length"] == str(len(BODY))
    with pytest.raises(requests.exceptions.ConnectionError, match="Read timed out"):
        next(got.iter_content(1))
    done = through.curl("-m", "0.5", "-D", "-")
    assert done.returncode == 28 and "timed out" in done.stderr
    assert done.stdout.splitlines()[-2].startswith("Content-Length"), "the head is whole"
    check_fault(through.panne)


def test_node_has_the_head_and_times_out_in_the_body(way, faults, environment):
    through = way("plain", KEPT, scenario=faults("hang: {at: body, after: 10B}"))
    done = run("node", "-e", f"""
        fetch("{through.base}", {{signal: AbortSignal.timeout(700)}}).then(async got => {{
            console.log(got.status);
            try {{ await got.text(); }} catch (error) {{ console.log(error.name); }}
        }})""", env=environment)
    assert done.stdout.split() == ["200", "TimeoutError"], done.stderr
    assert wait_requests(through.panne, 1)[0]["bytes_down"] == 10
    check_fault(through.panne)


def test_a_hang_in_a_body_ends(way, faults):
    through = way("plain", KEPT, scenario=faults("hang: {at: body, after: 4KiB, for: 400ms}"))
    begun = time.monotonic()
    assert requests.get(through.base, timeout=5).content == BODY
    assert time.monotonic() - begun >= 0.4
    event = wait_requests(through.panne, 1)[0]
    assert (event["outcome"], event["bytes_down"]) == ("answered", len(BODY))


@pytest.mark.parametrize("kind", Way.ALL)
def test_an_upload_stops_on_its_way(way, faults, kind):
    through = way(kind, [read_head(), read_to_end()],
                  scenario=faults("hang: {at: body, on: request, after: 1KB}"))
    done = through.curl("-m", "0.7", "--data-binary", "@-", "-H", "Expect:", stdin=BODY.decode())
    assert done.returncode == 28 and done.stdout == ""
    event = wait_requests(through.panne, 1)[0]
    assert (event["outcome"], event["bytes_up"]) == ("client-left", 1000)
    check_fault(through.panne)
    head, _, body = bytes(through.origin.received[0]).partition(b"\r\n\r\n")
    assert head.startswith(b"POST ") and body == BODY[:1000]


def test_an_upload_goes_on_after_a_hang(way, faults):
    through = way("plain", ForEver([read_head(), read(len(BODY)), answer(b"stored")]), scenario=faults(
        "hang: {at: body, on: request, after: 1KB, for: 400ms}"))
    with through.client() as client:
        begun = time.monotonic()
        assert client.fetch("POST", body=BODY).body == b"stored"
        assert time.monotonic() - begun >= 0.4
    assert through.origin.received[0].endswith(BODY)


def test_a_client_that_has_sent_all_waits_for_a_hang_with_an_end(way, faults):
    through = way("plain", ForEver([read_head(), read(len(BODY)), answer(b"stored")]), scenario=faults(
        "hang: {at: body, on: request, after: 1KB, for: 400ms}"))
    with through.client() as client:
        client.ask("POST", body=BODY)
        client.finish()
        assert client.answer().body == b"stored"


def test_the_origin_may_answer_before_the_upload_ends(way, faults):
    through = way("plain", [read_head(), read(1000), answer(b"no", status="413 Too Large"),
                            read_to_end()],
                  scenario=faults("hang: {at: body, on: request, after: 1KB}"))
    with through.client() as client:
        client.ask("POST", body=BODY)
        got = client.answer()
        assert (got.status, got.body) == (413, b"no")


def test_what_a_hang_holds_outlives_the_time_outs(way, faults):
    through = way("plain", ForEver([read_head(), read(len(BODY)), answer(b"stored")]),
                  scenario=faults("hang: {at: body, on: request, after: 1KB, for: 3s}"),
                  options=("--idle-timeout", "1s", "--origin-timeout", "1s"))
    with through.client() as client:
        assert client.fetch("POST", body=BODY).body == b"stored"


def test_a_tunnel_hangs_in_either_direction(way, origin, faults):
    for on, up, down in (("request", 2, 4), ("response", 4, 1)):
        server = origin([send(b"ping"), read_to_end()])
        through = way("connect", port=server.port, options=("--passthrough", "localhost"),
                      scenario=faults(f"hang: {{at: body, on: {on}, after: {min(up, down)}}}"))
        with wire.connect(through.panne.url(), f"localhost:{server.port}") as client:
            client.send(b"pong")
            assert client.take(down) == b"ping"[:down]
            wait_until(lambda: len(server.received[0]) == up, what="what passes upwards")
            client.socket.settimeout(0.3)
            with pytest.raises(TimeoutError):
                client.more()
            assert client.buffer == b"" and len(server.received[0]) == up
            client.abort()
        check_fault(through.panne)
