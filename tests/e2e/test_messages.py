"""HTTP/1.1 messages pass as they are: what client and origin see, and what the log says of it."""
import threading

import pytest

from origins import ForEver, answer, close, raw, read, read_head, read_to_end, read_until, send
from origins import wait_for
from ways import Way, wait_requests

KEPT = ForEver([read_head(), answer()])


def test_connections_are_kept_on_both_sides(way):
    through = way("plain", KEPT)
    with through.client() as client:
        for _ in range(50):
            assert client.fetch().body == b"ok"
    assert through.origin.connections == 1
    asked = wait_requests(through.panne, 50)
    assert [event["reused"] for event in asked] == [False] + [True] * 49
    [connection] = [through.panne.wait_log(lambda event: event["event"] == "connection")]
    assert connection["requests"] == 50 and connection["end"] == "client"


@pytest.mark.parametrize("kind", Way.ALL)
def test_an_origin_connection_serves_one_client_after_another(way, kind):
    through = way(kind, KEPT)
    for number in range(1, 6):
        with through.client() as client:
            assert client.fetch().body == b"ok"
        wait_requests(through.panne, number)
    assert through.origin.connections == 1


@pytest.mark.parametrize("kind", Way.ALL)
def test_pipelined_requests_are_answered_in_order(way, kind):
    script = [act for number in range(20)
              for act in (read_head(), answer(f"answer {number}".encode()))]
    through = way(kind, script)
    with through.client() as client:
        client.send(b"".join(f"GET /{number} HTTP/1.1\r\nHost: test\r\n\r\n".encode()
                             for number in range(20)))
        assert [client.answer().body for _ in range(20)] == \
            [f"answer {number}".encode() for number in range(20)]
    asked = [event for event in wait_requests(through.panne, 20) if event["method"] == "GET"]
    assert [event["path"] for event in asked] == [f"/{number}" for number in range(20)]


CHUNKS = (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
          b"5\r\nhello\r\n7;extension=1\r\n, world\r\n0\r\nX-Sum: 12\r\nX-More: yes\r\n\r\n")


@pytest.mark.parametrize("kind", Way.ALL)
def test_chunks_and_trailers_pass_both_ways(way, kind):
    through = way(kind, [read_until(b"X-Check: 7\r\n\r\n"), send(CHUNKS), read_head(),
                         answer(b"again")])
    with through.client() as client:
        client.send(b"POST /up HTTP/1.1\r\nHost: test\r\nTE: trailers\r\nConnection: TE\r\n"
                    b"Transfer-Encoding: chunked\r\nTrailer: X-Check\r\n\r\n"
                    b"3\r\nabc\r\n4\r\ndefg\r\n0\r\nX-Check: 7\r\n\r\n")
        got = client.answer()
        assert (got.body, got.whole) == (b"hello, world", True)
        assert got.trailers == [("X-Sum", "12"), ("X-More", "yes")]
        assert client.fetch().body == b"again"
    head, body = bytes(through.origin.received[0]).split(b"\r\n\r\n", 1)
    assert b"Transfer-Encoding: chunked" in head and b"Trailer: X-Check" in head
    assert body.startswith(b"3\r\nabc\r\n4\r\ndefg\r\n0\r\nX-Check: 7\r\n\r\n") or \
        body.startswith(b"7\r\nabcdefg\r\n0\r\nX-Check: 7\r\n\r\n")
    posted = wait_requests(through.panne, 1)[0]
    assert posted["method"] == "POST"
    assert posted["bytes_up"] == 7 and posted["bytes_down"] == 12


def test_a_client_that_takes_no_trailers_gets_none(way):
    through = way("plain", [read_head(), send(CHUNKS), read_head(), answer(b"again")])
    with through.client() as client:
        got = client.fetch()
        assert got.whole and got.body == b"hello, world" and got.trailers == []
        assert client.fetch().body == b"again"


@pytest.mark.parametrize("method, said", [
    ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"),
    ("HEAD", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
    ("GET", b"HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n"),
    ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\nETag: \"a\"\r\n\r\n"),
], ids=["HEAD with a length", "HEAD of chunks", "204", "304 with a length"])
def test_answers_without_a_body_leave_the_connection_in_step(way, method, said):
    through = way("plain", [read_head(), send(said), read_head(), answer(b"next")])
    with through.client() as client:
        first = client.fetch(method)
        assert first.fields == [tuple(line.split(": ")) for line in
                                said.decode().split("\r\n")[1:-2]]
        assert client.fetch().body == b"next"
    assert through.origin.connections == 1


def test_a_body_that_waits_for_100_is_not_sent_before_it(way):
    through = way("plain", [read_head(), send(b"HTTP/1.1 100 Continue\r\n\r\n"), read(5), answer()])
    with through.client() as client:
        client.ask("PUT", headers=("Expect: 100-continue", "Content-Length: 5"))
        assert client.head().status == 100
        assert through.origin.received[0].endswith(b"\r\n\r\n")
        client.send(b"12345")
        assert client.answer().body == b"ok"
    assert b"Expect: 100-continue\r\n" in through.origin.received[0]
    assert through.origin.received[0].endswith(b"\r\n\r\n12345")


def test_a_body_that_is_refused_before_100_is_never_sent(way):
    refusal = b"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n"
    through = way("plain", [read_head(), send(refusal), read_to_end()])
    with through.client() as client:
        client.ask("PUT", headers=("Expect: 100-continue", "Content-Length: 5"))
        assert client.answer().status == 417
    assert wait_requests(through.panne, 1)[0]["bytes_up"] == 0


def test_curl_waits_for_100_with_a_large_body(way, tmp_path):
    body = tmp_path / "body"
    body.write_bytes(b"x" * 2000000)
    through = way("plain", [read_head(), send(b"HTTP/1.1 100 Continue\r\n\r\n"), read(2000000),
                            answer(b"thanks")])
    done = through.curl("-v", "-T", body, "-H", "Expect: 100-continue", path="/up")
    assert done.returncode == 0 and done.stdout == "thanks"
    assert "< HTTP/1.1 100 Continue" in done.stderr and "Done waiting for 100" not in done.stderr


@pytest.mark.parametrize("kind", Way.ALL)
def test_interim_answers_pass(way, kind):
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
    through = way(kind, [read_head(), send(hints + b"HTTP/1.1 102 Processing\r\n\r\n"), answer()])
    with through.client() as client:
        got = client.fetch()
    assert [each.status for each in got.interim] == [103, 102]
    assert got.interim[0].get("Link") == "</style.css>; rel=preload"
    assert got.body == b"ok"


def test_an_interim_answer_does_not_wait_for_the_final_one(way):
    seen = threading.Event()
    through = way("plain", [read_head(), send(b"HTTP/1.1 103 Early Hints\r\n\r\n"), wait_for(seen),
                            answer()])
    with through.client() as client:
        client.ask()
        assert client.head().status == 103
        seen.set()
        assert client.answer().status == 200


def test_a_client_of_http_1_0_gets_no_interim_answer(way):
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n"
    through = way("plain", [read_head(), send(hints), answer()])
    got = raw(through.panne.url(), b"GET / HTTP/1.0\r\n\r\n")
    assert got.count(b"HTTP/1.1 ") == 1 and got.endswith(b"\r\n\r\nok")


def test_a_client_of_http_1_0_gets_chunks_without_their_frames(way):
    said = (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n")
    through = way("plain", ForEver([read_head(), send(said)]))
    for start in (b"GET / HTTP/1.0\r\n", b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n"):
        got = raw(through.panne.url(), start + b"Host: test\r\n\r\n")
        head, body = got.split(b"\r\n\r\n", 1)
        assert body == b"abcdef" and b"chunked" not in head.lower()


def test_a_client_of_http_1_0_may_keep_its_connection(way):
    through = way("plain", KEPT)
    with through.client() as client:
        for _ in range(3):
            client.send(b"GET / HTTP/1.0\r\nHost: test\r\nConnection: keep-alive\r\n\r\n")
            got = client.answer()
            assert got.body == b"ok" and got.get("Connection").lower() == "keep-alive"
        client.send(b"GET / HTTP/1.0\r\nHost: test\r\n\r\n")
        assert client.answer().body == b"ok"
        assert client.rest() == b"" and client.ended == "end"


def test_an_origin_of_http_1_0_ends_its_body_by_closing(way):
    through = way("plain", [read_head(), send(b"HTTP/1.0 200 OK\r\nX-A: b\r\n\r\nall of it"), close()])
    with through.client() as client:
        for _ in range(2):
            got = client.fetch()
            assert (got.status, got.body, got.whole) == (200, b"all of it", True)
            if client.ended:
                break
    assert wait_requests(through.panne, 1)[0]["outcome"] == "answered"


def test_an_origin_of_http_1_0_with_a_length_leaves_the_client_its_connection(way):
    said = b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"
    through = way("plain", [read_head(), send(said), close()])
    with through.client() as client:
        assert client.fetch().body == b"ok"
        assert client.fetch().body == b"ok"
    assert through.origin.connections == 2


def test_a_client_that_has_half_closed_is_served(way):
    go = threading.Event()
    through = way("plain", [read_head(), wait_for(go), answer(b"x" * 100000)])
    with through.client() as client:
        client.ask()
        client.finish()
        through.origin.wait_connections(1)
        go.set()
        got = client.answer()
        assert got.whole and len(got.body) == 100000
        assert client.rest() == b"" and client.ended == "end"
    assert wait_requests(through.panne, 1)[0]["outcome"] == "answered"


def test_an_early_answer_passes_while_the_request_still_uploads(way):
    through = way("plain", [read_head(), answer(b"enough", "413 Content Too Large",
                                                ("Connection: close",)), close()])
    with through.client() as client:
        client.ask("POST", headers=("Content-Length: 100000000",))
        client.send(b"x" * 1000)
        got = client.answer()
        assert (got.status, got.body) == (413, b"enough")
    assert wait_requests(through.panne, 1)[0]["status"] == 413


def test_an_early_answer_is_whole_although_the_client_goes_on_sending(way):
    through = way("plain", [read_head(), answer(b"e" * 200000, "413 Content Too Large"),
                            read_to_end()])
    with through.client() as client:
        client.ask("POST", headers=("Content-Length: 3000000",))
        client.send(b"x" * 3000000)
        got = client.answer()
        assert got.status == 413 and got.whole and len(got.body) == 200000
    assert wait_requests(through.panne, 1)[0]["outcome"] == "answered"
