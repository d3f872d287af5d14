"""Several faults at once: what waits costs nothing, ends when it should, and is told as it was."""
import os
import pathlib
import time

import pytest
import requests

from origins import ForEver, answer, close, read_head, read_to_end, reset, send, wait, wait_until
from ways import wait_events, wait_requests

BODY = b"x" * 20000
UPLOAD_SLOWLY = "bandwidth: {rate: 1KB/s, on: request}"


def cpu(panne):
    """Seconds that the process has used."""
    fields = pathlib.Path(f"/proc/{panne.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def check_idle(panne):
    spent, began = cpu(panne), time.monotonic()
    time.sleep(0.6)  # a spin would show in this time
    assert cpu(panne) - spent < 0.3 * (time.monotonic() - began), "it spins"


@pytest.mark.parametrize("script,rules", [
    ([read_head(), answer(), read_to_end()], ["error: {at: after}"]),
    ([read_head(), wait(0.1), reset()], []),
], ids=["its answer is lost", "it resets"])
def test_a_slow_upload_without_an_origin_does_not_spin(way, faults, script, rules):
    through = way("plain", script, scenario=faults(UPLOAD_SLOWLY, *rules, "latency: 2500ms"))
    with through.client() as client:
        client.ask("POST", body=BODY)
        time.sleep(1.3)  # the upload's next piece would be due by now
        check_idle(through.panne)
        assert client.answer().status in (500, 502)
    slowed = wait_events(through.panne, "fault", 2 + len(rules))[0]
    assert (slowed["kind"], slowed["exercised"]) == ("bandwidth", True)


def test_an_upload_goes_on_during_a_slow_close_and_does_not_spin(way, faults):
    through = way("plain", [], scenario=faults("error: 503", "slow-close: 1500ms"))
    with through.client() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 100000\r\n\r\n" + BODY)
        assert client.answer().status == 503
        client.send(BODY)
        check_idle(through.panne)
        began = time.monotonic()
        assert client.rest() == b"" and client.ended == "end"
        assert time.monotonic() - began > 0.5
    assert wait_requests(through.panne, 1)[0]["outcome"] == "made"


def test_a_storm_that_nobody_reads_neither_spins_nor_stays(way, faults):
    late = [read_head(), send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"), wait(0.05), send(b"ok")]
    through = way("plain", ForEver(late), scenario=faults("storm: {interim: 10000, limit: 16MiB}"),
                  options=["--idle-timeout", "2s"])
    with through.client() as client:
        client.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n" * 50)
        time.sleep(1)  # until all that lies between is full
        check_idle(through.panne)
        wait_until(lambda: any(event["outcome"] == "cut" for event in through.panne.log()
                               if event["event"] == "request"), 10, "the client is given up")
    cut = [event for event in through.panne.log() if event.get("outcome") == "cut"][0]
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
    proxy = panne("run", faults("accept-silence: 200ms", "latency: {delay: 100ms, at: request}"),
                  "--forward", "127.0.0.1:0")
    with requests.Session() as session:
        session.trust_env = False
        session.proxies = {"http": proxy.url()}
        for _ in range(2):
            assert session.get(server.url, timeout=5).status_code == 200
            time.sleep(0.5)
    measured = {event["kind"]: event["measured_ms"] for event in wait_events(proxy, "fault", 3)}
    assert 200 <= measured["accept-silence"] < 290
    assert 100 <= measured["latency"] < 190
    slow = max(event["lasted_ms"] for event in wait_requests(proxy, 2))
    assert slow >= 300


def test_the_time_that_a_body_takes_to_come_is_no_latency(way, scenario):
    text = ("panne: 1\nservices: {any: {match: {}}}\nphases:\n  - name: bad\n    faults:\n"
            "      - {service: any, when: {body: {text: '*needle*'}},"
            " latency: {delay: 100ms, at: request}}\n")
    through = way("plain", ForEver([read_head(), answer()]), scenario=scenario(text))
    with through.client() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 12\r\n\r\nneedle")
        time.sleep(0.5)
        client.send(b"needle")
        assert client.answer().status == 200
    measured = wait_events(through.panne, "fault", 1)[0]["measured_ms"]
    assert 100 <= measured < 400


@pytest.mark.parametrize("rule", ["hang: {}", "hang: {at: body, on: request}"])
@pytest.mark.parametrize("kind", ["plain", "tls"])
def test_a_client_that_leaves_unread_bytes_behind_is_missed(way, faults, kind, rule):
    through = way(kind, [read_head(), read_to_end()], scenario=faults(rule))
    with through.client() as client:
        client.ask("POST", body=b"x" * 280000 if "body" in rule else BODY * 2)
        client.ask()
        time.sleep(0.2)
    assert wait_requests(through.panne, 1)[0]["outcome"] == "client-left"
    through.panne.wait_sockets(2)


def test_the_time_that_a_head_waits_for_its_body_is_no_latency(way, faults):
    slow = [read_head(), send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                              b'Content-Length: 8\r\n\r\n{"a"'), wait(0.5), send(b":12}")]
    through = way("plain", slow, scenario=faults("latency: 100ms", "body: {merge: {b: 1}}"))
    assert requests.get(through.base, timeout=10).json() == {"a": 12, "b": 1}
    measured = wait_events(through.panne, "fault", 2)[0]["measured_ms"]
    assert 100 <= measured < 400
