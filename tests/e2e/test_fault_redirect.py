"""Redirects in chains and circles, and answers of before."""
import email.utils
import json
import re
import time

import pytest
import requests

from origins import ForEver, answer, read, read_head, send
from ways import Way, events, run, wait_events, wait_requests

KEPT = ForEver([read_head(), answer()])
FETCH = """
fetch(process.argv[1]).then(async (it) => console.log(JSON.stringify(
  {status: it.status, body: await it.text(), url: it.url, redirected: it.redirected})),
  (error) => console.log(JSON.stringify({error: error.message, cause: error.cause?.message})));
"""


def node_fetch(url, environment, ca):
    done = run("node", "-e", FETCH, url, env={**environment, "NODE_EXTRA_CA_CERTS": str(ca)})
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def lines(origin):
    """The request lines that the origin got."""
    return [line for each in origin.received for line in re.findall(rb"^(\S+ \S+) HTTP", each, re.M)]


@pytest.mark.parametrize("kind", Way.ALL)
def test_a_circle_never_ends(way, faults, kind):
    through = way(kind, KEPT, scenario=faults("redirect: {}"))
    done = through.curl("-L", "--max-redirs", "7", path="/a?b=c")
    assert done.returncode == 47 and "Maximum (7) redirects" in done.stderr
    with pytest.raises(requests.exceptions.TooManyRedirects):
        requests.get(through.base, timeout=10, **through.requests)
    got = requests.get(through.base + "/a?b=c", timeout=10, allow_redirects=False, **through.requests)
    assert (got.status_code, got.headers["Location"]) == (302, through.base + "/a?b=c")
    assert not any(through.origin.received)


@pytest.mark.parametrize("kind", Way.ALL)
def test_a_chain_leads_to_the_answer(way, faults, kind):
    through = way(kind, KEPT, scenario=faults("redirect: {chain: 3}"))
    done = through.curl("-L", "-w", " %{num_redirects} %{url_effective}", path="/a?b=c&panne=1")
    assert done.stdout == f"ok 3 {through.base}/a?b=c&panne=1&panne-hop=3"
    assert lines(through.origin) == [b"GET /a?b=c&panne=1"]
    assert [each["status"] for each in wait_requests(through.panne, 4)] == [302, 302, 302, 200]
    assert [each["exercised"] for each in wait_events(through.panne, "fault", 4)] == [True] * 3 + [False]


@pytest.mark.parametrize("kind", ["plain", "tls"])
def test_node_follows_and_gives_up(way, faults, environment, ca, kind):
    through = way(kind, KEPT, scenario=faults("redirect: {status: 307, chain: 5, relative: yes}"))
    seen = node_fetch(through.base + "/x", environment, ca)
    assert (seen["status"], seen["body"], seen["redirected"]) == (200, "ok", True)
    assert seen["url"].endswith("/x?panne-hop=5")
    circle = way(kind, KEPT, scenario=faults("redirect: 301"))
    assert node_fetch(circle.base, environment, ca)["cause"] == "redirect count exceeded"


def test_a_chain_that_ends_early_leaves_no_trace(way, faults):
    """Each hop draws anew, and the origin does not see the count of those before."""
    through = way("plain", KEPT, scenario=faults("redirect: {chain: 9}, share: 50%"))
    for _ in range(10):
        assert requests.get(through.base + "/a?b", timeout=10).content == b"ok"
    assert set(lines(through.origin)) == {b"GET /a?b"}


def test_another_fault_answers_at_the_end_of_a_chain(way, faults):
    through = way("plain", KEPT, scenario=faults("redirect: {chain: 2}", "error: 503"))
    got = requests.get(through.base, timeout=10)
    assert got.status_code == 503 and len(got.history) == 2
    wait_requests(through.panne, 3)
    assert [(each["kind"], each["exercised"], each.get("shadowed", False))
            for each in events(through.panne, "fault")] == \
        [("redirect", True, False), ("error", False, True)] * 2 + \
        [("redirect", False, False), ("error", True, False)]


def test_a_post_becomes_a_get(way, faults):
    through = way("plain", KEPT, scenario=faults("redirect: {status: 303, chain: 1}"))
    assert through.curl("-L", "-d", "x=1").stdout == "ok"
    assert lines(through.origin) == [b"GET /"]


def test_a_post_stays_one_after_307(way, faults):
    through = way("plain", ForEver([read_head(), read(3), answer()]),
                  scenario=faults("redirect: {status: 307, chain: 2}"))
    assert through.curl("-L", "-d", "x=1").stdout == "ok"
    assert lines(through.origin) == [b"POST /"]


def test_a_login_page_in_the_way(way, faults):
    through = way("plain", KEPT, scenario=faults("redirect: {to: /login}, when: {path: /a}"))
    got = requests.get(through.base + "/a", timeout=10)
    assert got.url == through.base + "/login" and lines(through.origin) == [b"GET /login"]


def dated(body, *headers):
    return answer(body, headers=("Content-Type: text/plain", "ETag: \"7\"",
                                 "Date: Sat, 20 Nov 2021 10:00:00 GMT", *headers))


@pytest.mark.parametrize("kind", Way.ALL)
def test_an_old_answer_comes_again(way, faults, kind):
    through = way(kind, ForEver([read_head(), dated(b"first"), read_head(), dated(b"second")]),
                  scenario=faults("stale: {}, nth: 2.."))
    with requests.Session() as session:
        first = session.get(through.base + "/a?b", timeout=10, **through.requests)
        again = session.get(through.base + "/a?b", timeout=10, **through.requests)
        other = session.get(through.base + "/a?c", timeout=10, **through.requests)
    assert first.content == again.content == b"first" and other.content == b"second"
    assert again.headers["Date"] == "Sat, 20 Nov 2021 10:00:00 GMT" and again.headers["Age"] == "0"
    assert "Age" not in first.headers
    assert {**first.headers, "Age": "0"} == dict(again.headers)
    outcomes = [each["outcome"] for each in wait_requests(through.panne, 3)]
    assert outcomes == ["answered", "made", "answered"]
    assert [each["exercised"] for each in wait_events(through.panne, "fault", 2)] == [True, False]


def test_it_can_look_older(way, faults):
    through = way("plain", ForEver([read_head(), dated(b"x", "Age: 7")]),
                  scenario=faults("stale: 1h, nth: 2", "stale: {}, nth: 3"))
    requests.get(through.base, timeout=10)
    got = requests.get(through.base, timeout=10)
    assert got.headers["Age"] == "3600"
    then = email.utils.parsedate_to_datetime(got.headers["Date"]).timestamp()
    assert abs(time.time() - 3600 - then) <= 2
    got = requests.get(through.base, timeout=10)
    assert got.headers["Age"] == "7" and got.headers["Date"] == "Sat, 20 Nov 2021 10:00:00 GMT"


def test_chunks_are_kept_whole(way, faults):
    said = (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n"
            b"5\r\nhello\r\n6\r\n world\r\n0\r\nX-T: 1\r\n\r\n")
    through = way("plain", [read_head(), send(said)], scenario=faults("stale: {}, nth: 2"))
    assert requests.get(through.base, timeout=10).content == b"hello world"
    got = requests.get(through.base, timeout=10)
    assert got.content == b"hello world" and got.headers["Content-Length"] == "11"
    assert "Trailer" not in got.headers


@pytest.mark.parametrize("script, first, second", [
    (dated(b"x", "Set-Cookie: a=b"), {}, {}),
    (dated(b"x", "Cache-Control: private, No-Store"), {}, {}),
    (dated(b"x", "Vary: *"), {}, {}),
    (dated(b"x", "Vary: Accept, X-Tenant"), {}, {}),
    (dated(b"x" * (256 * 1024 + 1)), {}, {}),
    (answer(b"x", status="203 Non-Authoritative Information"), {}, {}),
    (dated(b"x"), {"Authorization": "Bearer a"}, {"Authorization": "Bearer b"}),
    (dated(b"x"), {"X-Api-Key": "a"}, {"X-Api-Key": "b"}),
    (dated(b"x"), {"Cookie": "a=1"}, {}),
    (dated(b"x"), {"Range": "bytes=0-"}, {"Range": "bytes=0-"}),
    (send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"), {}, {}),
])
def test_what_is_not_kept(way, faults, script, first, second):
    through = way("plain", [read_head(), script], ForEver([read_head(), answer(b"new")]),
                  scenario=faults("stale: {}, nth: 2"))
    with requests.Session() as session:
        try:
            session.get(through.base, timeout=10, headers=first)
        except requests.exceptions.ConnectionError:
            pass  # the last one is cut off
        assert session.get(through.base, timeout=10, headers=second).content == b"new"
    assert wait_events(through.panne, "fault", 1)[0]["exercised"] is False


def test_with_the_same_credentials_it_is_the_same(way, faults):
    through = way("plain", [read_head(), dated(b"mine")], scenario=faults("stale: {}, nth: 2.."))
    for _ in range(3):
        got = requests.get(through.base, timeout=10, headers={"Authorization": "Bearer a"})
        assert got.content == b"mine"


def test_what_was_not_kept_is_an_error(way, faults):
    through = way("plain", KEPT, scenario=faults("stale: {}, when: {path: /b}",
                                                 "error: 503, when: {path: /b}"))
    assert requests.get(through.base + "/b", timeout=10).status_code == 503
    wait_requests(through.panne, 1)
    assert [each["exercised"] for each in events(through.panne, "fault")] == [False, True]


def test_a_stale_answer_shadows_an_error(way, faults):
    through = way("plain", [read_head(), dated(b"x")], scenario=faults("stale: {}, nth: 2",
                                                                       "error: 503, nth: 2"))
    assert [requests.get(through.base, timeout=10).status_code for _ in range(2)] == [200, 200]
    assert [(each["exercised"], each.get("shadowed", False))
            for each in wait_events(through.panne, "fault", 2)] == [(True, False), (False, True)]


def test_a_flood_works_upon_a_stale_answer(way, faults):
    through = way("plain", [read_head(), dated(b"line\n" * 40)],
                  scenario=faults("stale: {}, nth: 2", "flood: x4, nth: 2"))
    first = requests.get(through.base, timeout=10)
    again = requests.get(through.base, timeout=10)
    assert len(first.content) == 200 and len(again.content) >= 600
