"""The origin fails at every stage: what the client gets, what the log says, what stays open."""
import socket
import ssl

import pytest

import origins
import wire
from origins import ForEver, answer, close, free_port, read_head, reset, send
from ways import Way, events, wait_requests

KEPT = ForEver([read_head(), answer()])
HALF_HEAD = b"HTTP/1.1 200 OK\r\nContent-Le"
LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nsome of it"
CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n8\r\nwor"
UNENDED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
TO_CLOSE = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nsome of it"

EARLY = [
    ("accepts and closes", [close()]),
    ("accepts and resets", [reset()]),
    ("closes after the request", [read_head(), close()]),
    ("resets after the request", [read_head(), reset()]),
    ("closes within its head", [read_head(), send(HALF_HEAD), close()]),
    ("resets within its head", [read_head(), send(HALF_HEAD), reset()]),
    ("closes after an interim answer", [read_head(), send(b"HTTP/1.1 102 Go on\r\n\r\n"), close()]),
]


@pytest.mark.parametrize("kind", Way.ALL)
@pytest.mark.parametrize("script", [row[1] for row in EARLY], ids=[row[0] for row in EARLY])
def test_an_origin_that_fails_before_its_answer_becomes_502(way, kind, script):
    through = way(kind, script, script, KEPT)
    said = []
    with through.client() as client:
        for _ in range(2):
            got = client.fetch()
            assert (got.status, got.whole) == (502, True) and got.body.startswith(b"panne: ")
            said.append(got.body)
        assert client.fetch().status == 200, "the client's connection goes on"
    assert through.origin.connections == 3, "nothing is repeated on a fresh connection"
    for event, body in zip(wait_requests(through.panne, 3), said):
        assert (event["outcome"], event["repeated"]) == ("upstream-failed", False)
        assert f"panne: {event['detail']}\n".encode() == body, "both are told the same"


CUT = [
    ("closes within a length", [read_head(), send(LENGTH), close()], b"some of it"),
    ("resets within a length", [read_head(), send(LENGTH), reset()], None),
    ("closes within a chunk", [read_head(), send(CHUNKS), close()], b"hellowor"),
    ("resets within a chunk", [read_head(), send(CHUNKS), reset()], None),
    ("closes between chunks", [read_head(), send(UNENDED), close()], b"hello"),
    ("resets a body that ends with the connection", [read_head(), send(TO_CLOSE), reset()], None),
]


@pytest.mark.parametrize("kind", Way.ALL)
@pytest.mark.parametrize("script, body", [row[1:] for row in CUT], ids=[row[0] for row in CUT])
def test_a_cut_answer_is_passed_on_as_cut(way, kind, script, body):
    through = way(kind, script)
    with through.client() as client:
        got = client.fetch()
        if body is not None:
            assert (got.status, got.body) == (200, body)
        assert got is None or got.status == 502 or not got.whole, "its end is not made up"
        if got is None or got.status != 502:
            client.rest()
            assert client.ended, "the connection ends, too"
    event = wait_requests(through.panne, 1)[0]
    assert event["outcome"] in ("cut", "upstream-failed") and event["status"] in (200, 502)
    assert event["outcome"] == "cut" or body is None
    assert event["detail"]


def test_a_body_that_ends_with_the_connection_is_whole(way):
    through = way("plain", [read_head(), send(TO_CLOSE), close()])
    with through.client() as client:
        got = client.fetch()
    assert got.body == b"some of it" and got.whole
    assert wait_requests(through.panne, 1)[0]["outcome"] == "answered"


def test_an_origin_that_refuses_is_named(way):
    through = way("plain", port=free_port())
    with through.client() as client:
        got = client.fetch()
    assert got.status == 502 and b"refused" in got.body.lower()
    event = wait_requests(through.panne, 1)[0]
    assert event["outcome"] == "upstream-failed" and "refused" in event["detail"].lower()


def test_a_name_that_does_not_resolve_is_named(panne):
    proxy = panne("run", "calm", "--listen", "http://127.0.0.1:0", "--upstream", "http://none.invalid")
    with wire.Client(proxy.url()) as client:
        got = client.fetch()
    assert got.status == 502 and b"none.invalid" in got.body
    assert "none.invalid" in wait_requests(proxy, 1)[0]["detail"]


def test_an_origin_that_does_not_accept_is_given_up(way):
    """A full backlog: SYNs are dropped, so the dial takes until --connect-timeout."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        fillers = []
        try:
            for _ in range(4):
                filler = socket.socket()
                filler.setblocking(False)
                filler.connect_ex(full.getsockname())
                fillers.append(filler)
            through = way("plain", port=full.getsockname()[1], options=("--connect-timeout", "300ms"))
            with through.client() as client:
                assert client.fetch().status in (502, 504)
            assert 300 <= wait_requests(through.panne, 1)[0]["lasted_ms"] < 2000
        finally:
            for filler in fillers:
                filler.close()


def test_an_origin_that_does_not_answer_is_given_up(way):
    through = way("plain", [read_head(), read_head()], options=("--origin-timeout", "200ms"))
    with through.client() as client:
        got = client.fetch()
    assert got.status == 504
    event = wait_requests(through.panne, 1)[0]
    assert (event["status"], event["outcome"]) == (504, "upstream-failed")
    assert 200 <= event["lasted_ms"] < 2000


def test_an_answer_that_stands_still_is_cut(way):
    through = way("plain", [read_head(), send(LENGTH), read_head()], options=("--idle-timeout", "200ms"))
    with through.client() as client:
        got = client.fetch()
    assert got.body == b"some of it" and not got.whole
    event = wait_requests(through.panne, 1)[0]
    assert event["outcome"] == "cut" and "--idle-timeout" in event["detail"]


@pytest.mark.parametrize("how", [close, reset], ids=["closed", "reset"])
def test_a_get_on_a_kept_connection_that_died_is_repeated_once(way, how):
    """The origin's end comes only after the second request, so it cannot be seen while idle."""
    through = way("plain", [read_head(), answer(), read_head(), how()], KEPT)
    with through.client() as client:
        assert client.fetch().body == b"ok"
        assert client.fetch("GET", "/again").body == b"ok"
    asked = wait_requests(through.panne, 2)
    assert [event["repeated"] for event in asked] == [False, True]
    assert [event["status"] for event in asked] == [200, 200]
    assert through.origin.connections == 2


def test_a_get_is_repeated_once_only(way):
    through = way("plain", [read_head(), answer(), read_head(), close()], [read_head(), close()], KEPT)
    with through.client() as client:
        assert client.fetch().body == b"ok"
        assert client.fetch().status == 502
    assert through.origin.connections == 2


@pytest.mark.parametrize("method, body", [("POST", b"order"), ("POST", b""), ("PATCH", b"x"),
                                          ("PUT", b"order")])
def test_what_might_act_twice_is_not_repeated(way, method, body):
    through = way("plain", [read_head(), answer(), read_head(), close()], KEPT)
    with through.client() as client:
        assert client.fetch().body == b"ok"
        assert client.fetch(method, body=body).status == 502
        assert client.fetch().status == 200
    asked = wait_requests(through.panne, 3)
    assert [event["repeated"] for event in asked] == [False, False, False]
    assert sum(received.count(method.encode() + b" / ") for received in through.origin.received) == 1


def test_nothing_is_repeated_once_an_answer_has_begun(way):
    through = way("plain", [read_head(), answer(), read_head(), send(b"H"), close()], KEPT)
    with through.client() as client:
        assert client.fetch().body == b"ok"
        assert client.fetch().status == 502
    assert through.origin.connections == 1


def test_a_connection_that_dies_while_idle_is_not_used_again(way):
    through = way("plain", [read_head(), answer(), close()], KEPT)
    with through.client() as client:
        assert client.fetch().body == b"ok"
        origins.wait_until(lambda: origin_sockets(through) == 0, 5, "the pool has let go of it")
        assert client.fetch("POST", body=b"order").body == b"ok"
    assert [event["repeated"] for event in wait_requests(through.panne, 2)] == [False, False]


def origin_sockets(through):
    """Connections of panne's that lead to the origin, by the kernel's account."""
    port = f":{through.origin_port:04X}"
    lines = open("/proc/net/tcp", encoding="ascii").read().splitlines()[1:]
    inodes = {line.split()[9] for line in lines if line.split()[2].endswith(port)}
    return len([name for name in through.panne.descriptors()
                if name.startswith("socket:") and name[8:-1] in inodes])


def test_an_untrusted_certificate_is_refused_and_named(panne, ca, origin, authority, tmp_path):
    """The origin is whom nobody vouches for: its authority is not the system's."""
    server = origin(KEPT, tls=authority.context())
    proxy = panne("run", "calm", "--listen", "http://127.0.0.1:0",
                  "--upstream", f"https://localhost:{server.port}")
    with wire.Client(proxy.url()) as client:
        got = client.fetch()
    assert got.status == 502 and b"certificate" in got.body
    assert not any(server.received), "not a byte of the request goes there"
    event = wait_requests(proxy, 1)[0]
    assert event["outcome"] == "upstream-failed" and "certificate" in event["detail"]
    seen = [each for each in proxy.log() if each["event"] in ("tls", "trouble")]
    assert any("certificate" in str(each) for each in seen), seen


@pytest.mark.parametrize("names, says", [("DNS:other.test", "localhost"), (None, "expired")],
                         ids=["another name", "expired"])
def test_a_certificate_for_nobody_here_is_refused(panne, origin, authority, names, says):
    if names:
        leaf, key = authority.issue("other", names)
    else:
        leaf, key = authority.issue("old", "DNS:localhost")
        authority.openssl("x509", "-req", "-in", "old.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                       "-days", "-1", "-extfile", "old.ext", "-out", "old.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(leaf, key)
    server = origin(KEPT, tls=context)
    proxy = panne("run", "calm", "--listen", "http://127.0.0.1:0", "--upstream",
                  f"https://localhost:{server.port}", "--upstream-ca", authority.certificate)
    with wire.Client(proxy.url()) as client:
        assert client.fetch().status == 502
    detail = wait_requests(proxy, 1)[0]["detail"].lower()
    assert says in detail or "mismatch" in detail, detail


def test_upstream_insecure_takes_any_certificate(panne, origin, authority):
    server = origin(KEPT, tls=authority.context())
    proxy = panne("run", "calm", "--listen", "http://127.0.0.1:0", "--upstream-insecure",
                  "--upstream", f"https://localhost:{server.port}")
    with wire.Client(proxy.url()) as client:
        assert client.fetch().body == b"ok"


@pytest.mark.parametrize("script", [[send(b"220 not TLS\r\n"), read_head()], [close()], [reset()]],
                         ids=["speaks no TLS", "closes", "resets"])
def test_a_failing_handshake_becomes_502(panne, origin, script):
    server = origin(script)
    proxy = panne("run", "calm", "--listen", "http://127.0.0.1:0",
                  "--upstream", f"https://localhost:{server.port}")
    with wire.Client(proxy.url()) as client:
        assert client.fetch().status == 502
    assert wait_requests(proxy, 1)[0]["outcome"] == "upstream-failed"


def test_nothing_is_left_open_after_all_that(way):
    scripts = [row[1] for row in EARLY] + [row[1] for row in CUT]
    through = way("plain", *scripts, [close()])
    listening = through.panne.sockets()
    for _ in scripts:
        with through.client() as client:
            client.fetch()
    wait_requests(through.panne, len(scripts))
    through.panne.wait_sockets(listening)
    assert through.panne.stop() == 0
    assert len(events(through.panne, "connection")) == len(scripts)
