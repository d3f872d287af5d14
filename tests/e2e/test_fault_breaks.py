"""Connections that end too early, too late or in silence, as real clients see it."""
import socket
import time

import pytest
import requests
import urllib3

from origins import ForEver, answer, half_close, read, read_head, read_to_end, send, wait_until
from ways import Way, fault_of, run, wait_requests

BODY = b"0123456789" * 200
KEPT = ForEver([read_head(), answer(BODY)])

NODE = """
const client = process.argv[1].startsWith('https') ? require('https') : require('http');
client.get(process.argv[1], {agent: new client.Agent({ca: process.argv[2] && require('fs').readFileSync(process.argv[2])})},
    answer => { let got = 0; answer.on('data', data => got += data.length);
                answer.on('error', error => console.log(error.code, got));
                answer.on('end', () => console.log('end', got)); })
    .on('error', error => console.log(error.code, 0));
"""


def node(through):
    done = run("node", "-e", NODE, through.base + "/", *([through.ca] if through.kind != "plain" else []))
    return done.stdout.split()


@pytest.mark.parametrize("kind", Way.ALL)
@pytest.mark.parametrize("at", ["request", "head"])
def test_close_in_place_of_an_answer(way, faults, kind, at):
    through = way(kind, KEPT, scenario=faults(f"close: {at}"))
    done = through.curl()
    assert done.returncode == 52, done.stderr  # CURLE_GOT_NOTHING
    with pytest.raises(requests.exceptions.ConnectionError, match="Remote end closed|RemoteDisconnected"):
        requests.get(through.base, timeout=10, **through.requests)
    with through.client() as client:
        client.ask()
        assert client.rest() == b"" and client.ended == "end", "a FIN, and under TLS a close_notify"
    assert bool(through.origin.connections) == (at == "head")
    assert wait_requests(through.panne, 3)[0]["outcome"] == "closed"
    assert fault_of(through)["exercised"]


@pytest.mark.parametrize("kind", Way.ALL)
def test_close_within_a_body(way, faults, kind):
    through = way(kind, KEPT, scenario=faults("close: {at: body, after: 100}"))
    done = through.curl()
    assert (done.returncode, done.stdout) == (18, BODY[:100].decode())  # CURLE_PARTIAL_FILE
    with through.client() as client:
        got = client.fetch()
        assert got.body == BODY[:100] and not got.whole and client.ended == "end"
    assert wait_requests(through.panne, 2)[0]["outcome"] == "cut"
    assert fault_of(through)["exercised"]


@pytest.mark.parametrize("kind", ["plain", "tls"])
def test_node_tells_a_close_by_its_code(way, faults, kind):
    assert node(way(kind, KEPT, scenario=faults("close: head"))) == ["ECONNRESET", "0"]  # "socket hang up"
    assert node(way(kind, KEPT, scenario=faults("close: {at: body, after: 100}"))) == ["ECONNRESET", "100"]


def test_close_of_a_tunnel(tunnel):
    client, proxy, _ = tunnel([send(BODY), read_to_end()], "close: {at: body, after: 100}")
    assert client.rest() == BODY[:100] and client.ended == "end"
    assert fault_of(proxy)["exercised"]


@pytest.mark.parametrize("kind", Way.ALL)
def test_reset_at_connect(way, faults, kind):
    through = way(kind, KEPT, scenario=faults("reset: connect"))
    done = through.curl()
    assert done.returncode in (7, 35, 56), done.stderr
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get(through.base, timeout=10, **through.requests)
    assert not any(through.origin.received)
    fault = fault_of(through)
    assert (fault["kind"], fault["exercised"], fault["exchange"]) == ("reset", True, 0)


def test_reset_at_connect_is_an_rst(way, faults):
    through = way("plain", KEPT, scenario=faults("reset: connect"))
    with pytest.raises(ConnectionResetError), \
            socket.create_connection(("127.0.0.1", through.panne.port()), 10) as client:
        client.recv(1)


@pytest.mark.parametrize("kind", Way.ALL)
def test_slow_close_is_late_by_so_much(way, faults, kind):
    through = way(kind, KEPT, scenario=faults("slow-close: 600ms"))
    with through.client() as client:
        begun = time.monotonic()
        got = client.fetch()
        assert got.body == BODY and got.get("Connection") == "close"
        assert time.monotonic() - begun < 0.5
        assert client.rest() == b"" and client.ended == "end"
        assert time.monotonic() - begun >= 0.6
    fault = fault_of(through)
    assert fault["exercised"] and fault["measured_ms"] >= fault["asked_ms"] == 600


@pytest.mark.parametrize("kind", ["plain", "tls"])
def test_clients_that_count_do_not_wait_for_a_slow_close(way, faults, kind):
    through = way(kind, KEPT, scenario=faults("slow-close: 1h"))
    assert requests.get(through.base, timeout=5, **through.requests).content == BODY
    assert through.curl("-m", "5").stdout == BODY.decode()
    assert node(through) == ["end", str(len(BODY))]
    done = through.curl("-m", "0.5", "-o", "/dev/null", "--ignore-content-length")
    assert done.returncode == 28, "waits for the connection's end"


@pytest.mark.parametrize("kind", Way.ALL)
def test_drop_after_is_silent(way, faults, kind):
    through = way(kind, KEPT, scenario=faults("drop-after: 100B"))
    done = through.curl("-m", "0.5")
    assert (done.returncode, done.stdout) == (28, BODY[:100].decode())  # CURLE_OPERATION_TIMEDOUT
    with pytest.raises(requests.exceptions.ConnectionError) as caught:
        requests.get(through.base, timeout=0.5, **through.requests)
    assert isinstance(caught.value.args[0], urllib3.exceptions.ReadTimeoutError)
    assert wait_requests(through.panne, 2)[0]["outcome"] == "client-left"
    fault = fault_of(through)
    assert fault["exercised"] and fault["touched"] == len(BODY) - 100 + 1, "and the end"


def test_what_is_dropped_is_read_and_nothing_spins(way, faults):
    big = 20_000_000
    through = way("plain", [read_head(), answer(b"x" * big)], scenario=faults("drop-after: 1000B"))
    with through.client() as client:
        client.ask()
        client.head()
        assert client.take(1000) == b"x" * 1000
        wait_until(lambda: not through.origin.open, 10, "the origin has sent all")
        client.socket.settimeout(0.5)
        with through.panne.idle(), pytest.raises(TimeoutError):
            client.socket.recv(1)
    assert fault_of(through)["touched"] == big - 1000 + 1
    through.panne.wait_sockets(3)


@pytest.mark.parametrize("way_out", ["stop", "leave"])
def test_a_drop_ends_with_its_client_or_the_run(way, faults, way_out):
    through = way("plain", [read_head(), send(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n0123456789"),
                            read_to_end()], scenario=faults("drop-after: 5B"),
                  options=("--drain", "100ms"))
    with through.client() as client:
        client.ask()
        client.head()
        assert client.take(5) == b"01234"
        if way_out == "leave":
            client.close()
            assert wait_requests(through.panne, 1)[0]["outcome"] == "client-left"
        else:
            assert through.panne.stop() == 0
    assert fault_of(through)["exercised"]


def test_a_request_is_lost_on_its_way(way, faults):
    through = way("plain", [read_head(), read(1000), answer()],
                  scenario=faults("drop-after: {after: 100B, on: request}"))
    done = through.curl("-m", "0.5", "--data-binary", "x" * 1000)
    assert done.returncode == 28, "no answer comes"
    assert wait_requests(through.panne, 1)[0]["outcome"] == "client-left"
    assert through.origin.received[0].endswith(b"\r\n\r\n" + b"x" * 100)
    assert fault_of(through)["touched"] == 901


@pytest.mark.parametrize("on", ["response", "request"])
def test_a_tunnel_falls_silent(tunnel, on):
    client, proxy, server = tunnel([send(BODY), read_to_end()], f"drop-after: {{after: 100B, on: {on}}}")
    client.send(BODY)
    if on == "response":
        assert client.take(100) == BODY[:100]
        wait_until(lambda: len(server.received[0]) == len(BODY))
        client.socket.settimeout(0.3)
        with pytest.raises(TimeoutError):
            client.socket.recv(1)
    else:
        assert client.take(len(BODY)) == BODY
        wait_until(lambda: len(server.received[0]) == 100)
    client.abort()
    assert fault_of(proxy)["exercised"]
    proxy.wait_sockets(3)


def test_a_tunnels_client_that_only_closes_is_noticed(tunnel):
    client, proxy, _ = tunnel([send(BODY), read_to_end(), half_close()], "drop-after: 100B")
    assert client.take(100) == BODY[:100]
    client.close()
    assert fault_of(proxy)["exercised"]
    proxy.wait_sockets(3)
