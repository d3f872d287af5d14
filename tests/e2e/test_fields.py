"""Header fields: what passes untouched, and what does not pass."""
import pytest

import wire
from origins import ForEver, answer, read_head, send
from ways import Way, run

KEPT = ForEver([read_head(), answer()])


def origin_saw(way, index=0):
    """The lines of the first request that the origin got."""
    return bytes(way.origin.received[index]).split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")


@pytest.mark.parametrize("kind", Way.ALL)
def test_order_case_and_values_of_a_request_are_untouched(way, kind):
    through = way(kind, KEPT)
    fields = ["aCCept: */*", "X-Empty:", "USER-AGENT: a  b", "x-twice: 1", "cookie: a=b; c=d",
              "X-Twice: 2", "x-high: caf\xe9", "date: Tue, 15 Nov 1994 08:12:31 GMT",
              "Warning: 199 - \"x\"", "X-Long: " + "y" * 5000]
    with through.client() as client:
        assert client.fetch("GET", "/a%2Fb/../c?d=%20e", host=through.host, headers=fields)
    assert [line.rstrip() for line in origin_saw(through)] == \
        ["GET /a%2Fb/../c?d=%20e HTTP/1.1", f"Host: {through.host}", *fields]


@pytest.mark.parametrize("kind", Way.ALL)
def test_order_case_and_values_of_an_answer_are_untouched(way, kind):
    fields = [("dATE", "Tue, 15 Nov 1994 08:12:31 GMT"), ("SERVER", "x/1"), ("Set-Cookie", "a=1"),
              ("x-B", "1"), ("Set-Cookie", "b=2; Path=/"), ("X-High", "caf\xe9"),
              ("content-length", "2"), ("Via", "1.1 somebody")]
    said = "HTTP/1.1 299 Quite Fine\r\n" + "".join(f"{a}: {b}\r\n" for a, b in fields) + "\r\nok"
    through = way(kind, ForEver([read_head(), send(said.encode("latin-1"))]))
    with through.client() as client:
        got = client.fetch()
    assert (got.status, got.reason, got.fields, got.body) == (299, "Quite Fine", fields, b"ok")


def test_an_answer_without_date_gets_none(way):
    through = way("plain", KEPT)
    with through.client() as client:
        assert client.fetch().fields == [("Content-Length", "2")]


def test_hop_by_hop_fields_of_a_request_stay_here(way):
    through = way("plain", KEPT)
    with through.client() as client:
        assert client.fetch(headers=(
            "Connection: close, X-Mine", "X-Mine: secret", "Keep-Alive: timeout=5", "TE: gzip",
            "Proxy-Connection: keep-alive", "Proxy-Authorization: Basic QQ==", "X-Yours: kept",
            "Upgrade-Insecure-Requests: 1")).body == b"ok"
        assert client.rest() == b"" and client.ended == "end"
    names = [line.split(":")[0].lower() for line in origin_saw(through)[1:]]
    assert names in (["host", "x-yours", "upgrade-insecure-requests"],
                     ["host", "x-yours", "upgrade-insecure-requests", "connection"])


def test_hop_by_hop_fields_of_an_answer_stay_here(way):
    said = (b"HTTP/1.1 200 OK\r\nConnection: close, X-Mine\r\nX-Mine: secret\r\nKeep-Alive: timeout=5\r\n"
            b"Proxy-Connection: close\r\nX-Yours: kept\r\nContent-Length: 2\r\n\r\nok")
    through = way("plain", [read_head(), send(said)])
    with through.client() as client:
        assert client.fetch().fields == [("X-Yours", "kept"), ("Content-Length", "2")]
        assert client.fetch().body == b"ok", "only the origin's connection ended"
    assert through.origin.connections == 2


def test_an_upgrade_to_http_2_is_not_passed_on(way):
    through = way("plain", KEPT)
    with through.client() as client:
        client.fetch(headers=("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c",
                              "HTTP2-Settings: AAMAAABkAAQAAP__"))
    names = [line.split(":")[0].lower() for line in origin_saw(through)[1:]]
    assert "upgrade" not in names and "http2-settings" not in names


@pytest.mark.parametrize("options, kept", [((), False), (("--keep-alt-svc",), True)],
                         ids=["by default", "--keep-alt-svc"])
@pytest.mark.parametrize("kind", Way.ALL)
def test_alt_svc_is_kept_only_if_asked_for(way, kind, options, kept):
    through = way(kind, ForEver([read_head(), answer(headers=("Alt-Svc: h3=\":443\"; ma=3600",))]),
                  options=options)
    with through.client() as client:
        assert (client.fetch().get("Alt-Svc") is not None) == kept


@pytest.mark.parametrize("options, count", [((), 0), (("--via",), 1)], ids=["default", "--via"])
def test_via_is_added_only_if_asked_for(way, options, count):
    through = way("plain", KEPT, options=options)
    with through.client() as client:
        client.fetch()
    assert len([line for line in origin_saw(through) if line.lower().startswith("via:")]) == count


@pytest.mark.parametrize("options, theirs", [((), True), (("--preserve-host",), False)],
                         ids=["default", "--preserve-host"])
def test_a_reverse_origin_is_called_by_its_own_name_unless_asked(way, options, theirs):
    through = way("plain", KEPT, options=options)
    with through.client() as client:
        client.fetch(host="api.example.com")
    assert origin_saw(through)[1] == f"Host: {through.host if theirs else 'api.example.com'}"


def test_a_forward_request_goes_where_its_target_says(panne, origin):
    server = origin(KEPT)
    proxy = panne("run", "calm", "--forward", "127.0.0.1:0")
    with wire.Client(proxy.url()) as client:
        assert client.fetch("GET", f"{server.url}/x?y", host="elsewhere.test").body == b"ok"
    lines = bytes(server.received[0]).split(b"\r\n")
    assert lines[:2] == [b"GET /x?y HTTP/1.1", f"Host: 127.0.0.1:{server.port}".encode()]


def test_what_a_real_server_says_is_the_same_with_and_without_us(way, nginx):
    """nginx's answers, with the field order and case that it has, byte for byte."""
    (nginx.www / "page.html").write_text("<p>page</p>" * 1000)
    through = way("plain", port=nginx.http_port)
    for path in ("/page.html", "/hello", "/json", "/empty", "/status/404", "/nothing"):
        for extra in ((), ("--compressed", "-H", "Accept-Encoding: gzip"), ("-I",),
                      ("-r", "0-9"), ("-H", "If-None-Match: *")):
            direct = run("curl", "-sS", "-i", *extra, nginx.url + path, text=False)
            passed = run("curl", "-sS", "-i", *extra, through.panne.url() + path, text=False)
            assert direct.returncode == passed.returncode == 0
            assert end_to_end(direct.stdout) == end_to_end(passed.stdout)


def end_to_end(said):
    """Date may tick between two requests; the others are between neighbors."""
    return [line for line in said.split(b"\r\n")
            if not line.lower().startswith((b"date:", b"connection:", b"transfer-encoding:"))]
