"""A parent proxy that is spoken to over TLS, and TLS with origins inside that."""
import hashlib
import os

import pytest

import wire
from origins import ForEver, answer, close, read, read_head, send
from proxies import TlsProxy
from ways import run, trusting, wait_events, wait_requests

KEPT = ForEver([read_head(), answer()])
LARGE = 6 << 20


@pytest.fixture(scope="module")
def far(authority):
    """For origins that the parent alone can find: their certificate names api.test."""
    context = authority.context()
    context.load_cert_chain(*authority.issue("far", "DNS:api.test"))
    return context


@pytest.fixture
def parent(authority):
    """A TLS proxy: parent("user:password") asks for these."""
    opened = []

    def start(user=None):
        proxy = TlsProxy(authority.context(), user)
        opened.append(proxy)
        return proxy.__enter__()

    yield start
    for proxy in opened:
        proxy.__exit__()


@pytest.fixture
def forward(panne, authority):
    """panne as a forward proxy that trusts the tests' authority."""
    def start(*arguments, env=None, trust=("--upstream-ca", authority.certificate)):
        return panne("run", "calm", "--forward", "127.0.0.1:0", *trust, *arguments, env=env)
    return start


def curl(proxy, ca, *arguments, **options):
    return run("curl", "-sS", "--cacert", ca, "--proxy", proxy.url(), "--noproxy", "", *arguments,
               **options)


def test_http_and_https_origins(forward, parent, origin, far, ca):
    plain, secure = origin(KEPT), origin(KEPT, tls=far)
    via = parent()
    proxy = forward("--parent", via.url)
    assert curl(proxy, ca, f"http://api.test:{plain.port}/plain").stdout == "ok"
    assert curl(proxy, ca, f"https://api.test:{secure.port}/secure").stdout == "ok"
    assert via.targets == [f"GET http://api.test:{plain.port}/plain",
                           f"CONNECT api.test:{secure.port}"]
    assert bytes(secure.received[0]).startswith(b"GET /secure HTTP/1.1\r\n")
    assert [event["path"] for event in wait_requests(proxy, 2)] == ["/plain", "/secure"]
    outward = [(event["side"], event["server_name"]) for event in wait_events(proxy, "tls", 4)
               if event["side"] != "client"]
    assert outward == [("parent", "localhost"), ("parent", "localhost"), ("origin", "api.test")]


def test_one_tunnel_and_one_session_serve_many_requests(forward, parent, origin, far, ca):
    secure = origin(ForEver([read_head(), answer()]), tls=far)
    via = parent()
    proxy = forward("--parent", via.url)
    url = f"https://api.test:{secure.port}"
    assert curl(proxy, ca, f"{url}/1", f"{url}/2", f"{url}/3").stdout == "okokok"
    assert curl(proxy, ca, f"{url}/4").stdout == "ok"
    assert len(via.heads) == 1, "the connection was kept"
    other = origin(KEPT, tls=far)
    assert curl(proxy, ca, f"https://api.test:{other.port}/").stdout == "ok"
    assert via.resumed == [False, True]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_large_bodies_pass_both_ways(forward, parent, origin, far, ca, tmp_path, scheme):
    body = os.urandom(LARGE)
    (tmp_path / "body").write_bytes(body)
    server = origin([read_head(), read(LARGE), answer(body)],
                    tls=far if scheme == "https" else None)
    proxy = forward("--parent", parent().url)
    done = curl(proxy, ca, "--data-binary", f"@{tmp_path}/body", "-H", "Expect:",
                f"{scheme}://api.test:{server.port}/", text=False)
    assert hashlib.sha256(done.stdout).digest() == hashlib.sha256(body).digest(), done.stderr
    assert bytes(server.received[0]).endswith(body[-4096:])
    assert len(server.received[0]) > LARGE
    request = wait_requests(proxy, 1)[0]
    assert (request["bytes_up"], request["bytes_down"]) == (LARGE, LARGE)


def test_a_host_that_passes_through(forward, parent, origin, far, authority):
    """The client's own TLS with the origin goes through the parent's."""
    body = os.urandom(LARGE)
    secure = origin([read_head(), answer(body)], tls=far)
    via = parent()
    proxy = forward("--parent", via.url, "--passthrough", "*.test")
    done = curl(proxy, authority.certificate, f"https://api.test:{secure.port}/", text=False)
    assert done.stdout == body, done.stderr
    assert via.targets == [f"CONNECT api.test:{secure.port}"]


def test_a_tunnel_for_what_is_no_tls(forward, parent, origin):
    """The server speaks first; what it says may come with the parent's answer."""
    server = origin([send(b"220 hello\r\n"), read(6), send(b"221 bye\r\n"), close()])
    proxy = forward("--parent", parent().url, "--passthrough", "*.test")
    with wire.Client(proxy.url()) as client:
        client.send(f"CONNECT mail.test:{server.port} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert client.answer("HEAD").status == 200
        assert client.line() == b"220 hello"
        client.send(b"QUIT\r\n")
        assert client.line() == b"221 bye"
        assert not client.more() and client.ended == "end"


def test_a_reverse_listener_with_plain_upstreams(panne, parent, origin, authority):
    server = origin(KEPT)
    via = parent()
    proxy = panne("run", "calm", "--listen", "http://127.0.0.1:0", "--upstream",
                  f"http://api.test:{server.port}", "--parent", via.url,
                  env={"SSL_CERT_FILE": str(authority.certificate)})
    assert run("curl", "-sS", proxy.url() + "/a").stdout == "ok"
    assert via.targets == [f"GET http://api.test:{server.port}/a"]


@pytest.mark.parametrize("variable, scheme", [("http_proxy", "http"), ("https_proxy", "https"),
                                              ("HTTPS_PROXY", "https"), ("ALL_PROXY", "http")])
def test_the_environment_names_it(forward, parent, origin, far, ca, variable, scheme):
    server = origin(KEPT, tls=far if scheme == "https" else None)
    via = parent()
    proxy = forward(env={variable: via.url})
    assert curl(proxy, ca, f"{scheme}://api.test:{server.port}/").stdout == "ok"
    assert len(via.heads) == 1


def test_no_proxy_is_heeded(forward, parent, origin, authority, ca):
    """The name does not resolve, which only we ourselves would find out; loopback goes direct."""
    secure = origin(KEPT, tls=authority.context())
    via = parent()
    proxy = forward(env={"https_proxy": via.url, "no_proxy": "b.test,.invalid"})
    assert "resolve" in curl(proxy, ca, "https://a.invalid/").stdout
    assert curl(proxy, ca, f"https://localhost:{secure.port}/").stdout == "ok"
    assert via.heads == []


def test_a_password_is_sent_to_it_alone(forward, parent, origin, far, ca):
    plain, secure = origin(KEPT), origin(KEPT, tls=far)
    via = parent("user:s3cret")
    proxy = forward("--parent", via.url_for("user:s3cret"))
    assert curl(proxy, ca, f"http://api.test:{plain.port}/").stdout == "ok"
    assert curl(proxy, ca, f"https://api.test:{secure.port}/").stdout == "ok"
    assert len(via.heads) == 2
    assert all("\r\nProxy-Authorization: Basic dXNlcjpzM2NyZXQ=\r\n" in head for head in via.heads)
    assert b"Proxy-Auth" not in plain.received[0] + secure.received[0]
    wait_requests(proxy, 2)
    proxy.stop()
    said = proxy.log_file.read_text() + proxy.stdout + proxy.stderr
    assert "s3cret" not in said and "dXNlcjpzM2NyZXQ" not in said


def test_a_wrong_password_is_told(forward, parent, origin, far, ca):
    secure = origin(KEPT, tls=far)
    proxy = forward("--parent", parent("user:s3cret").url_for("user:wrong"))
    done = curl(proxy, ca, "-w", "%{http_code}", f"https://api.test:{secure.port}/")
    assert done.stdout.endswith("502") and "407 Proxy Authentication Required" in done.stdout
    assert "407" in wait_requests(proxy, 1)[0]["detail"]
    assert secure.connections == 0


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_certificate_that_does_not_verify(forward, parent, origin, ca, scheme):
    """Nothing is asked of it, and no password is sent."""
    via = parent()
    proxy = forward("--parent", via.url_for("user:s3cret"), trust=())
    done = curl(proxy, ca, "-w", "%{http_code}", f"{scheme}://api.test:9/")
    assert done.stdout.endswith("502")
    for words in ("certificate does not verify", f"localhost:{via.port}"):
        assert words in done.stdout
    trouble = wait_events(proxy, "trouble", 1)[0]
    assert trouble["what"] == "parent" and f"localhost:{via.port}" in trouble["detail"]
    assert "certificate does not verify" in wait_requests(proxy, 1)[0]["detail"]
    assert via.heads == []


def test_a_certificate_for_another_name(forward, authority, ca, origin):
    context = authority.context()
    context.load_cert_chain(*authority.issue("elsewhere", "DNS:elsewhere.test"))
    server = origin(KEPT, tls=context)
    proxy = forward("--parent", f"https://localhost:{server.port}")
    assert "certificate does not verify" in curl(proxy, ca, "http://api.test:9/").stdout


def test_an_origin_behind_it_that_does_not_verify(forward, parent, origin, authority, ca,
                                                  tmp_path_factory):
    """It is the origin that is blamed."""
    stranger = type(authority)(tmp_path_factory.mktemp("stranger"))
    secure = origin(KEPT, tls=stranger.context())
    proxy = forward("--parent", parent().url)
    done = curl(proxy, ca, "-w", "%{http_code}", f"https://api.test:{secure.port}/")
    assert done.stdout.endswith("502")
    assert "the origin's certificate does not verify" in done.stdout
    assert wait_events(proxy, "trouble", 1)[0]["what"] == "unverified"


def test_insecure_is_said_in_the_log(forward, parent, origin, far, ca):
    secure = origin(KEPT, tls=far)
    proxy = forward("--parent", parent().url, trust=("--upstream-insecure",))
    assert curl(proxy, ca, f"https://api.test:{secure.port}/").stdout == "ok"
    assert [event["side"] for event in wait_events(proxy, "tls", 3) if event.get("detail")] == \
        ["parent", "origin"]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_it_closes_during_the_handshake(forward, origin, ca, scheme):
    rude = origin([read(1), close()])
    proxy = forward("--parent", f"https://127.0.0.1:{rude.port}")
    done = curl(proxy, ca, "-w", "%{http_code}", f"{scheme}://api.test:9/")
    assert done.stdout.endswith("502") and "during the TLS handshake" in done.stdout
    assert f"127.0.0.1:{rude.port}" in wait_events(proxy, "trouble", 1)[0]["detail"]


def test_it_does_not_speak_tls(forward, origin, ca):
    plain = origin(ForEver([read(1), answer(b"no", "400 Bad Request"), close()]))
    proxy = forward("--parent", f"https://127.0.0.1:{plain.port}")
    assert "the parent proxy does not speak TLS here" in curl(proxy, ca, "http://api.test:9/").stdout


def test_it_closes_during_the_origins_handshake(forward, origin, authority, ca):
    rude = origin([read_head(), send(b"HTTP/1.1 200 OK\r\n\r\n"), read(1), close()],
                  tls=authority.context())
    proxy = forward("--parent", f"https://127.0.0.1:{rude.port}")
    done = curl(proxy, ca, "-w", "%{http_code}", "https://api.test:9/")
    assert done.stdout.endswith("502") and "during the TLS handshake" in done.stdout
    assert wait_events(proxy, "trouble", 1)[0]["what"] == "tls"


def test_an_answer_is_cut_when_it_breaks(forward, parent, origin, far, ca):
    """Half a body, then the end of all: the client must not take it for whole."""
    secure = origin([read_head(), send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), close()],
                    tls=far)
    proxy = forward("--parent", parent().url)
    with wire.connect(proxy.url(), f"api.test:{secure.port}", tls=trusting(ca)) as client:
        got = client.fetch("GET", "/", host="api.test")
    assert got.body == b"half" and not got.whole
