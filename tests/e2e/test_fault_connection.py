"""Faults at the opening of connections and at the dial, as real clients see them."""
import errno
import socket
import time

import pytest
import requests

import wire
from origins import ForEver, answer, read_head, wait_until
from ways import Way, events, wait_events, wait_requests

KEPT = ForEver([read_head(), answer()])


def faults_of(panne):
    return [event for event in panne.log() if event["event"] == "fault"]


@pytest.mark.parametrize("kind", Way.ALL)
def test_refused_connections_are_reset(way, faults, kind):
    through = way(kind, KEPT, scenario=faults("refuse: {}, share: 99.999%"))
    done = through.curl()
    assert done.returncode in (7, 35, 52, 55, 56), done.stderr  # at connect, or as soon as it is used
    assert any(words in done.stderr for words in ("reset by peer", "Empty reply", "connect to server"))
    assert not any(through.origin.received)
    fault = wait_events(through.panne, "fault", 1)[0]
    assert (fault["kind"], fault["exercised"], fault["exchange"]) == ("refuse", True, 0)
    assert fault["connection"] >= 1


def test_a_refused_client_sees_the_errno(way, faults):
    through = way("plain", KEPT, scenario=faults("refuse: {}, share: 99.999%"))
    with pytest.raises(requests.ConnectionError) as caught:
        requests.get(through.base, timeout=5)
    assert "Connection reset by peer" in str(caught.value)


@pytest.mark.parametrize("kind", Way.ALL)
def test_half_of_the_connections_are_refused_and_the_others_live(way, faults, kind):
    through = way(kind, KEPT, scenario=faults("refuse: {}, share: 50%"))
    good = bad = 0
    for _ in range(40):
        done = through.curl("-o", "/dev/null", "-w", "%{http_code}")
        good += done.stdout == "200"
        bad += done.returncode in (7, 35, 52, 55, 56)
    assert good + bad == 40 and 8 <= good <= 32


@pytest.mark.parametrize("kind", Way.ALL)
def test_silence_after_the_accept(way, faults, kind):
    through = way(kind, KEPT, scenario=faults("accept-silence: 700ms"))
    begun = time.monotonic()
    done = through.curl("-o", "/dev/null", "-w", "%{http_code} %{time_connect}")
    status, connected = done.stdout.split()
    assert status == "200" and time.monotonic() - begun >= 0.7 and float(connected) < 0.5
    fault = wait_events(through.panne, "fault", 1)[0]
    assert fault["exercised"] and fault["measured_ms"] >= fault["asked_ms"] == 700


def test_silence_without_end_meets_the_clients_time_out(way, faults):
    through = way("tls", KEPT, scenario=faults("accept-silence: {}"))
    done = through.curl("--max-time", "1")
    assert done.returncode == 28
    wait_events(through.panne, "connection", 1)
    assert wait_events(through.panne, "fault", 1)[0]["exercised"]
    assert through.panne.stop() == 0


@pytest.mark.parametrize("kind", Way.ALL)
def test_latency_to_the_first_handshake_is_not_repeated(way, faults, kind):
    through = way(kind, KEPT, scenario=faults("accept-silence: 300ms"))
    with through.client() as client:
        assert client.fetch().status == 200
        begun = time.monotonic()
        assert client.fetch().status == 200
        assert time.monotonic() - begun < 0.25


@pytest.mark.parametrize("kind", Way.ALL)
def test_a_connection_grows_old(way, faults, kind):
    through = way(kind, KEPT, scenario=faults("max-age: 400ms"))
    with through.client() as client:
        assert client.fetch().get("Connection") is None
        assert client.rest() == b"" and client.ended == "end"
    event = wait_events(through.panne, "connection", 1)[0]
    assert event["end"] == "aged" and event["lasted_ms"] >= 400
    assert events(through.panne, "fault")[0]["exercised"]


def test_an_answer_beyond_the_age_says_close(way, faults):
    through = way("plain", KEPT, scenario=faults("max-age: 100ms", "latency: 300ms"))
    with through.client() as client:
        got = client.fetch()
        assert got.status == 200 and got.whole and got.get("Connection") == "close"
        assert client.rest() == b"" and client.ended == "end"


def test_young_connections_are_left_alone(way, faults):
    through = way("plain", KEPT, scenario=faults("max-age: 1h"))
    assert requests.get(through.base, timeout=5).status_code == 200
    assert through.panne.stop() == 4
    assert [fault["exercised"] for fault in faults_of(through.panne)] == [False]


@pytest.mark.parametrize("kind", Way.ALL)
@pytest.mark.parametrize("fault, words", [("unresolved", "cannot be resolved"),
                                          ("unreachable", "cannot be reached")])
def test_no_way_to_the_origin(way, faults, kind, fault, words):
    through = way(kind, KEPT, scenario=faults(f"{fault}: 200ms"))
    begun = time.monotonic()
    got = requests.get(through.base, timeout=5, **through.requests)
    assert got.status_code == 502 and words in got.text
    assert time.monotonic() - begun >= 0.2
    assert through.origin.connections == 0
    event = wait_requests(through.panne, 1)[0]
    assert (event["outcome"], event["status"]) == ("made", 502)
    assert events(through.panne, "fault")[0]["measured_ms"] >= 200


def test_open_connections_live_on(way, faults, scenario):
    through = way("plain", KEPT, scenario=scenario(
        "panne: 1\nseed: 7\nservices: {any: {match: {}}}\n"
        "phases: [{name: bad, faults: [{service: any, unresolved: {}, nth: 2..}]}]\n"))
    with through.client() as client:
        assert client.fetch().status == 200
        for _ in range(3):
            assert client.fetch().body == b"ok"
    wait_requests(through.panne, 4)
    assert {event["exercised"] for event in faults_of(through.panne)} == {False}


def test_an_unresolved_passthrough_gets_no_tunnel(way, faults):
    through = way("connect", KEPT, scenario=faults("unresolved: {}"),
                  options=("--passthrough", "localhost"))
    done = through.curl()
    assert done.returncode == 56 and "502" in done.stderr
    assert wait_events(through.panne, "fault", 1)[0]["exercised"]


def test_a_rule_about_connections_draws_once_for_each(way, faults):
    through = way("plain", KEPT, scenario=faults("accept-silence: 1ms, share: 30%"))
    for _ in range(60):
        with wire.Client(through.panne.url()) as client:
            for _ in range(3):
                client.fetch()
    wait_events(through.panne, "connection", 60)
    assert 8 <= len(faults_of(through.panne)) <= 30


def test_a_client_that_leaves_during_the_silence_is_noticed(way, faults):
    through = way("plain", KEPT, scenario=faults("accept-silence: {}"))
    client = socket.create_connection(("127.0.0.1", through.panne.port()))
    client.close()
    assert wait_events(through.panne, "connection", 1)[0]["end"] == "client"


def test_a_listener_that_refuses_all_is_closed_and_opens_again(way, scenario):
    through = way("plain", KEPT, scenario=scenario(
        "panne: 1\nservices: {any: {match: {}}}\nphases:\n"
        "  - {name: calm, lasts: 600ms}\n"
        "  - {name: down, lasts: 1500ms, faults: [{service: any, refuse: {}}]}\n"
        "  - {name: back, lasts: 1h}\n"))
    port = through.panne.port()

    def connect():
        with socket.socket() as client:
            client.settimeout(5)
            number = client.connect_ex(("127.0.0.1", port))
            if number == 0:
                client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                try:
                    return client.recv(100)[:15].decode()
                except ConnectionError as error:
                    number = error.errno
            return errno.errorcode[number]
    with wire.Client(through.panne.url()) as early:
        assert early.fetch().status == 200
        wait_until(lambda: connect() == "ECONNREFUSED", 5, "the closed listener")
        assert through.curl().returncode == 7
        assert early.fetch().status == 200, "open connections live on"
        wait_until(lambda: connect() == "HTTP/1.1 200 OK", 5, "the open listener")
    assert through.panne.stop() == 0
    assert [fault["exercised"] for fault in faults_of(through.panne)] == [True]
