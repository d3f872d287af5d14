"""Node's clients: http, fetch, got, axios and axios-retry, and WebSocket."""
import json
import subprocess

import pytest

from origins import ForEver, answer, read_head, send
from ways import Way, run, wait_events, wait_requests

KEPT = ForEver([read_head(), answer()])
UNSTEADY = """
panne: 1
services: {any: {match: {}}}
phases:
  - name: shaky
    faults: [{service: any, %s}]
"""


@pytest.fixture
def node(clients, environment, ca):
    """Run a script of tests/clients; what it prints, as JSON."""
    def call(script, *arguments):
        done = run("node", script, *arguments, cwd=clients,
                   env={**environment, "NODE_EXTRA_CA_CERTS": str(ca)})
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
    return call


@pytest.mark.parametrize("client", ["http", "got", "axios", "axios-retry"])
@pytest.mark.parametrize("kind", Way.ALL)
def test_it_gets_what_the_origin_says(way, node, kind, client):
    through = way(kind, KEPT)
    proxy = [through.panne.url()] if kind == "connect" else []
    seen = node("fetch.mjs", client, through.base + "/a?b", *proxy)
    assert (seen["status"], seen["body"], seen["retries"]) == (200, "ok", 0)
    assert wait_requests(through.panne, 1)[0]["status"] == 200


@pytest.mark.parametrize("client, fault, tried", [
    ("got", "error: 503, nth: 1..2", 3), ("axios-retry", "error: 503, nth: 1..2", 3),
    ("axios", "error: 503, nth: 1..2", 1), ("fetch", "error: 503, nth: 1..2", 1),
    ("got", "reset: request, nth: 1..2", 3), ("axios-retry", "reset: request, nth: 1..2", 3),
])
def test_it_retries_as_it_is_known_to(way, node, scenario, client, fault, tried):
    through = way("plain", KEPT, scenario=scenario(UNSTEADY % fault))
    seen = node("fetch.mjs", client, through.base)
    assert seen["status"] == (200 if tried == 3 else 503) and seen["retries"] == tried - 1
    assert len(wait_requests(through.panne, tried)) == tried


@pytest.mark.parametrize("client", ["http", "axios", "fetch"])
def test_a_reset_is_seen_as_one(way, node, scenario, client):
    through = way("plain", KEPT, scenario=scenario(UNSTEADY % "reset: request"))
    seen = node("fetch.mjs", client, through.base)
    assert "ECONNRESET" in (seen["error"], seen.get("cause"))


@pytest.mark.parametrize("client", ["http", "axios", "fetch"])
def test_a_cut_answer_is_no_success(way, node, client):
    said = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
    through = way("plain", [read_head(), send(said)])
    assert "error" in node("fetch.mjs", client, through.base)
    assert wait_requests(through.panne, 1)[0]["outcome"] == "cut"


@pytest.mark.parametrize("client, error", [("http", "HPE_HEADER_OVERFLOW"),
                                           ("fetch", "UND_ERR_HEADERS_OVERFLOW")])
def test_a_header_flood_is_too_much(way, node, scenario, client, error):
    """Node takes 16 KiB of header fields."""
    through = way("plain", KEPT, scenario=scenario(UNSTEADY % "flood: {headers: 60, header-size: 512}"))
    seen = node("fetch.mjs", client, through.base)
    assert error in (seen["error"], seen.get("cause"))


class EchoServer:
    def __init__(self, clients, *arguments):
        self.process = subprocess.Popen(["node", "websocket-server.mjs", *map(str, arguments)],
                                        cwd=clients, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        self.port = int(self.process.stdout.readline())

    def stop(self):
        return self.process.communicate("", timeout=10)[0] if self.process.poll() is None else ""


@pytest.fixture
def echo(clients, authority):
    """A WebSocket server; echo("tls") speaks TLS."""
    started = []

    def start(kind):
        arguments = () if kind == "plain" else (authority.key, authority.leaf)
        started.append(EchoServer(clients, *arguments))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.mark.parametrize("kind", Way.ALL)
def test_websockets(way, node, echo, kind):
    server = echo(kind)
    through = way(kind, port=server.port)
    proxy = [through.panne.url()] if kind == "connect" else []
    seen = node("websocket.mjs", through.base.replace("http", "ws", 1) + "/chat?room=1", *proxy)
    assert seen["greeting"]["path"] == "/chat?room=1" and seen["protocol"] == "chat"
    names = [name.lower() for name in seen["greeting"]["headers"][::2]]
    assert {"upgrade", "sec-websocket-key", "sec-websocket-extensions"} <= set(names)
    assert seen["echoes"] == 100 and seen["inOrder"] and seen["same"]
    assert (seen["pong"], seen["code"], seen["reason"]) == ("are you there", 4001, "enough")
    assert server.process.stdout.readline() == "closed 4001 enough\n"
    event = wait_requests(through.panne, 1)[0]
    assert (event["status"], event["outcome"], event["path"]) == (101, "upgraded", "/chat")
    assert event["bytes_up"] > 5 << 10 and event["bytes_down"] > 5 << 10


def test_a_websocket_is_refused_by_a_fault(way, node, echo, scenario):
    through = way("plain", port=echo("plain").port, scenario=scenario(UNSTEADY % "error: 503"))
    seen = node("websocket.mjs", through.base.replace("http", "ws", 1))
    assert "503" in seen["error"]
    assert wait_events(through.panne, "fault", 1)[0]["exercised"] is True


def test_a_drain_ends_a_websocket_after_its_time(way, clients, environment, echo):
    server = echo("plain")
    through = way("plain", port=server.port, options=("--drain-timeout", "200ms"))
    with through.client() as client:
        client.ask(headers=("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="))
        assert client.answer().status == 101
        assert client.take(2)
        through.panne.stop()
        client.rest()
        assert client.ended
    assert server.process.stdout.readline().startswith("closed 1006")
