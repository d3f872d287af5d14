"""The client leaves at every stage: the log says so, and nothing is left open."""
import threading

import pytest

import wire
from origins import ForEver, answer, close, read_head, read_to_end, send, wait_for, wait_until
from ways import Way, events, wait_requests

KEPT = ForEver([read_head(), answer()])
BEGUN = b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n" + b"x" * 1000
HANG = """
panne: 1
services: {any: {match: {}}}
phases:
  - name: silent
    faults:
      - {service: any, hang: {at: %s}, share: 100%%}
"""


def leave(client, how):
    if how == "resets":
        client.abort()
    else:
        client.close()


def wait_gone(through, listening):
    """All that is open is what was open before: nothing leaked."""
    through.panne.wait_log(lambda event: event["event"] == "connection")
    through.panne.wait_sockets(listening)


@pytest.mark.parametrize("how", ["closes", "resets"])
@pytest.mark.parametrize("said", [b"", b"G", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n"])
@pytest.mark.parametrize("kind", Way.ALL)
def test_before_the_heads_end(way, kind, said, how):
    through = way(kind, KEPT)
    listening = through.panne.sockets()
    client = through.client()
    if said:
        client.send(said)
    leave(client, how)
    wait_gone(through, listening)
    assert not events(through.panne, "request"), "it was none"
    assert through.origin.connections == 0
    assert events(through.panne, "connection")[0]["end"] == "client"


@pytest.mark.parametrize("how", ["closes", "resets"])
@pytest.mark.parametrize("kind", Way.ALL)
def test_within_its_body(way, kind, how):
    through = way(kind, [read_head(), read_to_end()])
    listening = through.panne.sockets()
    client = through.client()
    client.ask("POST", headers=("Content-Length: 1000",))
    client.send(b"half")
    wait_until(lambda: through.origin.received and through.origin.received[0].endswith(b"half"), 5,
               "the origin has its part")
    leave(client, how)
    event = wait_requests(through.panne, 1)[0]
    assert (event["outcome"], event["status"], event["bytes_up"]) == ("client-left", 0, 4)
    wait_gone(through, listening)


@pytest.mark.parametrize("how", ["closes", "resets"])
@pytest.mark.parametrize("kind", Way.ALL)
def test_while_it_waits_for_its_answer(way, kind, how):
    """One that closes may have half-closed: it is served until writing to it fails."""
    asked, go = threading.Event(), threading.Event()

    def note(connection, received):
        asked.set()
        return True

    through = way(kind, [read_head(), note, wait_for(go), answer(b"x" * 5000000), read_head()])
    listening = through.panne.sockets()
    client = through.client()
    client.ask()
    assert asked.wait(5)
    leave(client, how)
    if how == "resets":
        wait_requests(through.panne, 1)
    go.set()
    assert wait_requests(through.panne, 1)[0]["outcome"] == "client-left"
    wait_gone(through, listening)


@pytest.mark.parametrize("how", ["closes", "resets"])
@pytest.mark.parametrize("kind", Way.ALL)
def test_within_its_answer(way, kind, how):
    leaving = threading.Event()

    def go_on(connection, received):
        leaving.wait(5)
        connection.sendall(b"x" * 5000000)
        return True

    through = way(kind, [read_head(), send(BEGUN), go_on, read_head()])
    listening = through.panne.sockets()
    client = through.client()
    client.ask()
    assert client.head().status == 200
    leave(client, how)
    leaving.set()
    event = wait_requests(through.panne, 1)[0]
    assert (event["outcome"], event["status"]) == ("client-left", 200)
    wait_gone(through, listening)


@pytest.mark.parametrize("how", ["closes", "resets"])
@pytest.mark.parametrize("at", ["head", "body"])
@pytest.mark.parametrize("kind", Way.ALL)
def test_during_a_hang(way, scenario, kind, at, how):
    through = way(kind, ForEver([read_head(), answer(b"x" * 1000)]), scenario=scenario(HANG % at))
    listening = through.panne.sockets()
    client = through.client()
    client.ask()
    if at == "body":
        assert client.head().status == 200
    else:
        wait_until(lambda: events(through.panne, "phase"), 5, "the phase has begun")
    leave(client, how)
    event = wait_requests(through.panne, 1)[0]
    assert event["outcome"] == "client-left"
    fault = events(through.panne, "fault")[0]
    assert (fault["kind"], fault["exercised"]) == ("hang", True)
    through.panne.wait_log(lambda each: each["event"] == "connection")
    # A connection to the origin may be kept, but only one that is clean.
    through.panne.wait_sockets(listening + (1 if at == "body" else 0))


@pytest.mark.parametrize("kind", ["tls", "connect"])
def test_within_the_handshake(way, ca, kind):
    through = way(kind, KEPT)
    listening = through.panne.sockets()
    for said in (b"", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\x16\x03\x01\x00\x05hello"):
        client = wire.Client(through.panne.url()) if kind == "tls" else \
            wire.connect(through.panne.url(), through.host)
        client.send(said)
        client.close()
    wait_until(lambda: len(events(through.panne, "connection")) == 3, 5, "all are gone")
    through.panne.wait_sockets(listening)
    with through.client() as client:
        assert client.fetch().body == b"ok"


def test_a_head_that_does_not_come_in_time(way):
    through = way("plain", KEPT, options=("--header-timeout", "200ms"))
    with through.client() as client:
        client.send(b"GET / HTTP/1.1\r\nHo")
        assert client.answer().status == 408
        assert client.rest() == b"" and client.ended == "end"


def test_a_client_that_keeps_silent(way):
    through = way("plain", KEPT, options=("--idle-timeout", "200ms"))
    with through.client() as client:
        assert client.fetch().body == b"ok"
        assert client.rest() == b"" and client.ended == "end"
    event = through.panne.wait_log(lambda each: each["event"] == "connection")
    assert event["end"] == "idle" and 200 <= event["lasted_ms"] < 2000


def test_a_client_that_takes_nothing_more(way):
    through = way("plain", [read_head(), answer(b"x" * 30000000), close()],
                  options=("--idle-timeout", "300ms"))
    with through.client() as client:
        client.ask()
        event = wait_requests(through.panne, 1)[0]
    assert event["outcome"] == "cut" and "the client took nothing" in event["detail"]
