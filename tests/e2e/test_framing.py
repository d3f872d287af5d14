"""Messages whose framing cannot be trusted: refused, and never passed on."""
import pytest

import origins
import panne as helper
import wire
from origins import ForEver, answer, close, raw, read_head, send
from ways import events, wait_requests

KEPT = ForEver([read_head(), answer()])
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


def post(fields, body=b""):
    return b"POST / HTTP/1.1\r\nHost: a\r\n" + fields + b"\r\n" + body


def get(fields=b"", line=b"GET / HTTP/1.1", host=b"Host: a\r\n"):
    return line + b"\r\n" + host + fields + b"\r\n"


# What is wrong, what is sent, what it is answered with.
REQUESTS = [
    ("both lengths, chunked first", post(CHUNKED + b"Content-Length: 4\r\n", b"0\r\n\r\n"), 400),
    ("both lengths, chunked last", post(b"Content-Length: 6\r\n" + CHUNKED, b"0\r\n\r\nX"), 400),
    ("two lengths that differ", post(b"Content-Length: 1\r\nContent-Length: 2\r\n", b"ab"), 400),
    ("a list of lengths", post(b"Content-Length: 1, 2\r\n", b"ab"), 400),
    ("a signed length", post(b"Content-Length: +1\r\n", b"a"), 400),
    ("a negative length", post(b"Content-Length: -1\r\n", b"a"), 400),
    ("a length in hex", post(b"Content-Length: 0x10\r\n", b"a"), 400),
    ("an empty length", post(b"Content-Length: \r\n"), 400),
    ("a length past 64 bits", post(b"Content-Length: 18446744073709551617\r\n", b"a"), (400, 413)),
    ("space before the colon of a length", post(b"Content-Length : 1\r\n", b"a"), 400),
    ("space before the colon of chunked", post(b"Transfer-Encoding : chunked\r\n", b"0\r\n\r\n"), 400),
    ("space within a name", post(b"Content Length: 1\r\n", b"a"), 400),
    ("chunked that is not last", post(b"Transfer-Encoding: chunked, gzip\r\n", b"0\r\n\r\n"), (400, 501)),
    ("chunked twice in a list", post(b"Transfer-Encoding: chunked, chunked\r\n", b"0\r\n\r\n"), 400),
    ("chunked twice in two fields", post(CHUNKED + CHUNKED, b"0\r\n\r\n"), 400),
    ("identity and chunked", post(b"Transfer-Encoding: identity\r\n" + CHUNKED, b"0\r\n\r\n"), (400, 501)),
    ("an unknown coding", post(b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n"), 501),
    ("a coding that is nearly chunked", post(b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n"), 400),
    ("chunked with a tail", post(b"Transfer-Encoding: chunked;x\r\n", b"0\r\n\r\n"), (400, 501)),
    ("chunked with a vertical tab", post(b"Transfer-Encoding: \x0bchunked\r\n", b"0\r\n\r\n"), (400, 501)),
    ("chunked in HTTP/1.0", b"POST / HTTP/1.0\r\nHost: a\r\n" + CHUNKED + b"\r\n0\r\n\r\n", 400),
    ("a folded line", get(b"X-A: b\r\n c\r\n"), 400),
    ("a folded length", post(b"Content-Length:\r\n 1\r\n", b"a"), 400),
    ("white space before the first field", get(host=b" Host: a\r\n"), 400),
    ("a bare CR in a value", get(b"X-A: b\rX-C: d\r\n"), 400),
    ("a NUL in a value", get(b"X-A: b\0c\r\n"), 400),
    ("a field without a colon", get(b"X-A\r\n"), 400),
    ("a field without a name", get(b": b\r\n"), 400),
    ("no Host", get(host=b""), 400),
    ("two Hosts", get(b"Host: a\r\n"), 400),
    ("a Host with a path", get(host=b"Host: a/b\r\n"), 400),
    ("a Host with a user", get(host=b"Host: a@b\r\n"), 400),
    ("a method that is none", get(line=b"GE(T / HTTP/1.1"), 400),
    ("a space in the target", get(line=b"GET /a b HTTP/1.1"), 400),
    ("a target that is none", get(line=b"GET * HTTP/1.1"), 400),
    ("no version", get(line=b"GET /"), 400),
    ("version 2.0", get(line=b"GET / HTTP/2.0"), 505),
    ("version 9.9", get(line=b"GET / HTTP/9.9"), 505),
    ("a version in small letters", get(line=b"GET / http/1.1"), (400, 505)),
    ("CONNECT without a port", get(line=b"CONNECT a HTTP/1.1"), 400),
    ("a head past the limit", get(b"X-A: " + b"b" * 33000 + b"\r\n"), 431),
    ("fields past the limit", get(b"X-A: b\r\n" * 200), 431),
    ("the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400, 505)),
    ("TLS to a plain port", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 64, 400),
]


@pytest.fixture(scope="module")
def refusing(tmp_path_factory, data_home):
    """One run of panne for the whole table."""
    folder = tmp_path_factory.mktemp("refusing")
    with origins.RawOrigin(KEPT) as server:
        proxy = helper.Panne(["run", "calm", "--listen", "http://127.0.0.1:0", "--upstream", server.url],
                             folder, helper.environment(folder, data_home))
        proxy.start()
        proxy.origin = server
        yield proxy
        proxy.finish()


@pytest.mark.parametrize("request_, status", [row[1:] for row in REQUESTS],
                         ids=[row[0] for row in REQUESTS])
def test_a_bad_request_is_refused_and_goes_nowhere(refusing, request_, status):
    before = sum(map(len, refusing.origin.received))
    with wire.Client(refusing.url()) as client:
        client.send(request_ + SMUGGLED)
        got = client.answer()
        assert got is not None and got.whole
        assert got.status in (status if isinstance(status, tuple) else (status,)), got.line
        assert client.rest() == b"", "nothing behind it is believed"
    assert sum(map(len, refusing.origin.received)) == before


BODIES = [
    ("a size that is no number", b"g\r\nabc\r\n0\r\n\r\n"),
    ("a size with a sign", b"+3\r\nabc\r\n0\r\n\r\n"),
    ("a size with 0x", b"0x3\r\nabc\r\n0\r\n\r\n"),
    ("an empty size", b"\r\nabc\r\n0\r\n\r\n"),
    ("a size past 64 bits", b"10000000000000003\r\nabc\r\n0\r\n\r\n"),
    ("bytes behind the data", b"3\r\nabcXX\r\n0\r\n\r\n"),
    ("no line end behind the data", b"3\r\nabc0\r\n\r\n"),
    ("a bare LF behind the size", b"3\nabc\r\n0\r\n\r\n"),
    ("a bare LF behind the data", b"3\r\nabc\n0\r\n\r\n"),
    ("a bare CR behind the size", b"3\rabc\r\n0\r\n\r\n"),
    ("a space before the size", b" 3\r\nabc\r\n0\r\n\r\n"),
    ("an extension without an end", b"3;" + b"a" * 40000 + b"\r\nabc\r\n0\r\n\r\n"),
    ("a trailer without a colon", b"3\r\nabc\r\n0\r\nX-A\r\n\r\n"),
]


@pytest.mark.parametrize("body", [row[1] for row in BODIES], ids=[row[0] for row in BODIES])
def test_a_bad_chunk_never_completes_a_request(way, body):
    through = way("plain", [read_head(), read_head(), answer()])
    got = raw(through.panne.url(), post(CHUNKED, body + SMUGGLED))
    assert got.startswith((b"HTTP/1.1 400", b"HTTP/1.1 431")) and got.count(b"HTTP/1.1") == 1, got
    for received in through.origin.received:
        assert b"smuggled" not in received
        assert b"\r\n0\r\n" not in received, "the missing end is not added"


def test_a_bad_body_is_named_in_the_log(way):
    through = way("plain", [read_head(), read_head(), answer()])
    raw(through.panne.url(), post(CHUNKED, b"3\r\nabcXX\r\n"))
    event = wait_requests(through.panne, 1)[0]
    assert (event["status"], event["outcome"]) == (400, "refused")
    assert event["detail"] == "a chunk that does not end where its size says"


def head(fields=b"", line=b"HTTP/1.1 200 OK"):
    return line + b"\r\n" + fields + b"\r\n"


ANSWERS = [
    ("not HTTP", b"220 mail.test ESMTP\r\n\r\n"),
    ("HTTP/0.9", b"<html>hello</html>\r\n\r\n"),
    ("version 2.0", head(line=b"HTTP/2.0 200 OK")),
    ("a status of two digits", head(line=b"HTTP/1.1 20 OK")),
    ("a status of four digits", head(line=b"HTTP/1.1 2000 OK")),
    ("a status below 100", head(line=b"HTTP/1.1 099 No")),
    ("two lengths that differ", head(b"Content-Length: 1\r\nContent-Length: 2\r\n") + b"ab"),
    ("a length that is none", head(b"Content-Length: x\r\n") + b"ab"),
    ("both lengths", head(CHUNKED + b"Content-Length: 5\r\n") + b"0\r\n\r\n"),
    ("chunked twice", head(CHUNKED + CHUNKED) + b"0\r\n\r\n"),
    ("a NUL in a value", head(b"X-A: \0\r\nContent-Length: 0\r\n")),
    ("a bare CR in a value", head(b"X-A: a\rb\r\nContent-Length: 0\r\n")),
    ("a field without a colon", head(b"X-A\r\nContent-Length: 0\r\n")),
    ("a head past the limit", head(b"X-A: " + b"a" * 40000 + b"\r\nContent-Length: 0\r\n")),
    ("fields past the limit", head(b"X-A: a\r\n" * 200 + b"Content-Length: 0\r\n")),
    ("another protocol, unasked", head(b"Upgrade: x\r\nConnection: upgrade\r\n",
                                       b"HTTP/1.1 101 Switching Protocols")),
    ("interim answers without end", b"HTTP/1.1 102 Processing\r\n\r\n" * 100),
]


@pytest.mark.parametrize("said", [row[1] for row in ANSWERS], ids=[row[0] for row in ANSWERS])
def test_a_bad_answer_becomes_502(way, said):
    through = way("plain", [read_head(), send(said), read_head()])
    with through.client() as client:
        got = client.fetch()
        assert got.status == 502 and got.whole
    event = wait_requests(through.panne, 1)[0]
    assert event["status"] == 502 and event["outcome"] == "upstream-failed" and event["detail"]


def test_bytes_behind_an_answer_are_not_taken_for_the_next(way):
    through = way("plain", [read_head(), send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 "
                                              b"200 OK\r\nContent-Length: 6\r\n\r\npoison"),
                            read_head()], KEPT)
    with through.client() as client:
        assert client.fetch().body == b"ok"
        assert client.fetch().body == b"ok"
    assert through.origin.connections == 2


@pytest.mark.parametrize("body", [b"3\r\nabcXX\r\n0\r\n\r\n", b"zz\r\n", b"3\r\nabc\r\n0\r\nX-A\r\n\r\n"])
def test_a_bad_chunk_of_an_answer_cuts_it(way, body):
    through = way("plain", [read_head(), send(head(CHUNKED) + b"2\r\nok\r\n" + body), read_head()],
                  [close()])
    with through.client() as client:
        got = client.fetch()
        assert got is None or got.status == 502 or not got.whole
    assert wait_requests(through.panne, 1)[0]["outcome"] in ("cut", "upstream-failed")
    assert not [event for event in events(through.panne, "request") if event["outcome"] == "answered"]
