"""Several faults at once: what waits costs nothing, ends when it should, and is told as it was."""
import pytest
import requests

from origins import ForEver, answer, close, read_head, read_to_end, reset, send, wait
from ways import wait_events, wait_requests

BODY = b"x" * 20000
UPLOAD_SLOWLY = "bandwidth: {rate: 1KB/s, on: request}"


@pytest.mark.parametrize("script,rules", [
    ([read_head(), answer(), read_to_end()], ["error: {at: after}"]),
    ([read_head(), wait(0.1), reset()], []),
], ids=["its answer is lost", "it resets"])
def test_a_slow_upload_without_an_origin_does_not_spin(way, faults, script, rules):
    through = way("plain", script, scenario=faults(UPLOAD_SLOWLY, *rules, "latency: 1s"))
    with through.client() as client:
        client.ask("POST", body=BODY)
        with through.panne.idle():  # though pieces of the upload fall due
            assert client.answer().status in (500, 502)
    slowed = wait_events(through.panne, "fault", 2 + len(rules))[0]
    assert (slowed["kind"], slowed["exercised"]) == ("bandwidth", True)


def test_an_upload_goes_on_during_a_slow_close_and_does_not_spin(way, faults):
    through = way("plain", [], scenario=faults("error: 503", "slow-close: 1s"))
    with through.client() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 100000\r\n\r\n" + BODY)
        assert client.answer().status == 503
        client.send(BODY)
        with through.panne.idle():
            assert client.rest() == b"" and client.ended == "end"
    assert wait_requests(through.panne, 1)[0]["outcome"] == "made"


def test_a_storm_that_nobody_reads_neither_spins_nor_stays(way, faults):
    late = [read_head(), send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"), wait(0.05), send(b"ok")]
    through = way("plain", ForEver(late), scenario=faults("storm: {interim: 10000, limit: 16MiB}"),
                  options=["--idle-timeout", "1s"])
    with through.client() as client:
        client.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n" * 50)
        with through.panne.idle():
            cut = through.panne.wait_log(lambda event: event.get("outcome") == "cut", 10)
    assert "took nothing" in cut["detail"]


def test_a_head_waits_for_a_slow_body_longer_than_the_idle_timeout(way, faults):
    through = way("plain", [read_head(), answer(b'{"a":12}', headers=["Content-Type: application/json"]),
                            read_to_end()],
                  scenario=faults("bandwidth: 4B/s", "body: {merge: {b: 1}}"),
                  options=["--idle-timeout", "1s"])
    assert requests.get(through.base, timeout=10).json() == {"a": 12, "b": 1}


def test_an_origin_that_stops_while_the_head_waits_is_given_up(way, faults):
    script = [read_head(), send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                b"Content-Length: 100\r\n\r\n{"), read_to_end()]
    through = way("plain", script, scenario=faults("bandwidth: 4B/s", "body: {merge: {b: 1}}"),
                  options=["--idle-timeout", "1s"])
    with through.client() as client:
        client.ask()
        assert client.answer() is None
    assert "sent nothing" in wait_requests(through.panne, 1)[0]["detail"]


@pytest.mark.parametrize("end", [close(), reset()], ids=["closes", "resets"])
def test_a_body_cut_while_its_head_waits_does_not_look_whole(way, faults, end):
    chunk = (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
             b'5\r\n{"a":\r\n')
    through = way("plain", [read_head(), send(chunk), wait(0.1), end],
                  scenario=faults("body: {merge: {b: 1}}"))
    done = through.curl("--http1.0")
    assert done.returncode != 0, "HTTP/1.0 has nothing but the connection's end to tell by"
    assert wait_requests(through.panne, 1)[0]["outcome"] == "cut"


def test_silence_before_a_first_request_is_measured_alone(panne, faults, origin):
    server = origin(ForEver([read_head(), answer()]))
    proxy = panne("run", faults("accept-silence: 200ms", "latency: {delay: 200ms, at: request}"),
                  "--forward", "127.0.0.1:0")
    with requests.Session() as session, requests.Session() as other:
        for each in (session, other, session):  # while the other is served, the first is idle
            each.trust_env = False
            each.proxies = {"http": proxy.url()}
            assert each.get(server.url, timeout=5).status_code == 200
    told = wait_events(proxy, "fault", 5)
    assert sorted(event["kind"] for event in told) == ["accept-silence"] * 2 + ["latency"] * 3
    assert all(200 <= event["measured_ms"] < 390 for event in told)
    slow = max(event["lasted_ms"] for event in wait_requests(proxy, 3))
    assert slow >= 400


def test_the_time_that_a_body_takes_to_come_is_no_latency(way, scenario):
    text = ("panne: 1\nservices: {any: {match: {}}}\nphases:\n  - name: bad\n    faults:\n"
            "      - {service: any, when: {body: {text: '*needle*'}},"
            " latency: {delay: 300ms, at: request}}\n")
    through = way("plain", ForEver([read_head(), answer()]), scenario=scenario(text))
    with through.client() as client, through.client() as other:
        client.send(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 12\r\n\r\nneedle")
        assert other.fetch("POST", body=b"needle").status == 200  # which takes a while
        client.send(b"needle")
        assert client.answer().status == 200
    assert all(300 <= event["measured_ms"] < 590 for event in wait_events(through.panne, "fault", 2))


@pytest.mark.parametrize("rule", ["hang: {}", "hang: {at: body, on: request}"])
@pytest.mark.parametrize("kind", ["plain", "tls"])
def test_a_client_that_leaves_unread_bytes_behind_is_missed(way, faults, kind, rule):
    asks = "body" in rule
    through = way(kind, *[[read_head(), read_to_end()]] * asks, [read_head(), answer()],
                  scenario=faults(f"{rule}, when: {{method: POST}}"))
    with through.client() as client:
        client.ask("POST", body=b"x" * 280000 if asks else BODY * 2)
        client.ask()
        through.origin.wait_connections(asks)
        with through.client() as other:  # by its answer, all that will be has been read of the first
            assert other.fetch().body == b"ok"
    assert wait_events(through.panne, "request", 2)[1]["outcome"] == "client-left"
    through.panne.wait_sockets(2)


def test_the_time_that_a_head_waits_for_its_body_is_no_latency(way, faults):
    slow = [read_head(), send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                              b'Content-Length: 8\r\n\r\n{"a"'), wait(0.5), send(b":12}")]
    through = way("plain", slow, scenario=faults("latency: 100ms", "body: {merge: {b: 1}}"))
    assert requests.get(through.base, timeout=10).json() == {"a": 12, "b": 1}
    measured = wait_events(through.panne, "fault", 2)[0]["measured_ms"]
    assert 100 <= measured < 400
