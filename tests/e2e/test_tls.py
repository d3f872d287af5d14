"""TLS towards clients and origins, as OpenSSL, curl and nginx see it."""
import os
import re
import ssl
import subprocess

import pytest

import origins
import wire
from origins import ForEver, answer, read_head, wait_until
from ways import events, run, trusting, wait_requests

KEPT = ForEver([read_head(), answer()])


def s_client(port, *arguments, stdin="GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"):
    done = run("openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-quiet", "-ign_eof",
               *arguments, stdin=stdin)
    return done.stdout + done.stderr, done.returncode


@pytest.mark.parametrize("option, version", [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")])
def test_both_versions_are_spoken(way, ca, option, version):
    through = way("tls", KEPT)
    done = run("openssl", "s_client", "-connect", f"127.0.0.1:{through.panne.port()}", option,
               "-servername", "api.example.com", "-verify_hostname", "api.example.com", "-x509_strict",
               "-verify_return_error", "-CAfile", ca, "-alpn", "h2,http/1.1", "-ign_eof",
               stdin="GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert done.returncode == 0, done.stderr
    assert "Verify return code: 0 (ok)" in done.stdout and f"{version}, Cipher" in done.stdout
    assert "ALPN protocol: http/1.1" in done.stdout and "HTTP/1.1 200 OK" in done.stdout
    event = through.panne.wait_log(lambda each: each["event"] == "connection")
    assert (event["tls"], event["server_name"]) == (version, "api.example.com")


@pytest.mark.parametrize("option", ["-tls1", "-tls1_1"])
def test_older_versions_are_not(way, option):
    through = way("tls", KEPT)
    said, status = s_client(through.panne.port(), option, "-cipher", "ALL:@SECLEVEL=0")
    assert status != 0 and "HTTP/1.1" not in said
    event = through.panne.wait_log(lambda each: each["event"] == "connection")
    assert event["end"] == "tls" and event["requests"] == 0


def certificate(port, name):
    """What is shown for this name, in words."""
    arguments = ["-servername", name] if name else ["-noservername"]
    shown = run("openssl", "s_client", "-connect", f"127.0.0.1:{port}", *arguments, stdin="")
    return run("openssl", "x509", "-noout", "-text", stdin=shown.stdout).stdout


@pytest.mark.parametrize("name", ["api.example.com", "xn--bcher-kva.example", "a.b.c.d.example.org"])
def test_a_certificate_is_minted_for_the_name_asked_for(way, name):
    through = way("tls", KEPT)
    text = certificate(through.panne.port(), name)
    assert f"DNS:{name}" in text and "id-ecPublicKey" in text and "CA:FALSE" in text
    assert text == certificate(through.panne.port(), name), "the same again"
    other = certificate(through.panne.port(), "other.example")
    serials = [re.search(r"Serial Number:\s+(\S+)", each).group(1) for each in (text, other)]
    keys = [re.search(r"pub:\s+([0-9a-f:\s]+?)\s+ASN1", each).group(1) for each in (text, other)]
    assert serials[0] != serials[1] and keys[0] == keys[1], "one leaf key"


def test_without_sni_inside_connect_the_host_is_the_name(way, ca):
    through = way("connect", KEPT)
    for target, shown in ((f"127.0.0.1:{through.origin_port}", ("IP Address", "127.0.0.1")),
                          (f"localhost:{through.origin_port}", ("DNS", "localhost"))):
        client = wire.connect(through.panne.url(), target)
        context = ssl.create_default_context(cafile=str(ca))
        context.check_hostname = False
        client.socket = context.wrap_socket(client.socket)
        assert client.socket.getpeercert()["subjectAltName"] == (shown,)
        client.close()


def test_sessions_are_resumed_towards_clients(way, tmp_path):
    through = way("tls", KEPT)
    port, kept = through.panne.port(), tmp_path / "session"
    for option in ("-tls1_2", "-tls1_3"):
        first, status = s_client(port, option, "-sess_out", kept)
        assert status == 0 and "200 OK" in first
        done = run("openssl", "s_client", "-connect", f"127.0.0.1:{port}", option, "-sess_in", kept,
                   "-ign_eof", stdin="GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert f"Reused, TLSv1.{option[-1]}" in done.stdout and "200 OK" in done.stdout
    wait_until(lambda: len(events(through.panne, "connection")) == 4, 5, "all have ended")
    assert [event["resumed"] for event in events(through.panne, "connection")] == [False, True] * 2


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_sessions_are_resumed_towards_origins(panne, origin, authority, version):
    context = authority.context()
    context.minimum_version = context.maximum_version = version
    resumed = []

    def note(connection, received):
        resumed.append(connection.session_reused)
        return True

    server = origin([note, read_head(), answer(headers=("Connection: close",))], tls=context)
    proxy = panne("run", "calm", "--listen", "http://127.0.0.1:0", "--upstream",
                  f"https://localhost:{server.port}", "--upstream-ca", authority.certificate)
    with wire.Client(proxy.url()) as client:
        for _ in range(4):
            assert client.fetch().body == b"ok"
    assert resumed == [False, True, True, True]


def test_the_origin_is_told_the_name(panne, authority, origin):
    names = []
    context = authority.context()
    context.sni_callback = lambda connection, name, _: names.append(name)
    server = origin(KEPT, tls=context)
    proxy = panne("run", "calm", "--forward", "127.0.0.1:0", "--upstream-insecure")
    with wire.Client(proxy.url()) as client:
        client.send(f"CONNECT localhost:{server.port} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert client.answer("HEAD").status == 200
        context = ssl._create_unverified_context()
        client.start_tls(context, "localhost")
        assert client.fetch().body == b"ok"
    assert names == ["localhost"]


def test_keys_are_logged_for_the_user_alone(way, tmp_path):
    keys = tmp_path / "keys.log"
    through = way("tls", KEPT, env={"SSLKEYLOGFILE": str(keys)})
    with through.client() as client:
        assert client.fetch().body == b"ok"
    assert oct(os.stat(keys).st_mode & 0o777) == "0o600"
    lines = keys.read_text().splitlines()
    randoms = {line.split()[1] for line in lines if line.startswith("CLIENT_TRAFFIC_SECRET_0 ")}
    assert len(randoms) == 2, "both sides' connections"


def test_a_certificate_of_ones_own_is_shown(way, authority):
    through = way("tls", KEPT, options=("--cert", authority.leaf, "--key", authority.key))
    with wire.Client(through.panne.url(), tls=trusting(authority.certificate)) as client:
        assert client.fetch().body == b"ok"


def test_a_key_that_does_not_fit_is_an_error(panne, authority):
    _, other = authority.issue("stranger", "DNS:a.test")
    proxy = panne("run", "calm", "--listen", "https://127.0.0.1:0", "--upstream", "http://127.0.0.1:1",
                  "--cert", authority.leaf, "--key", other, ready=False)
    assert proxy.wait() in (2, 3) and "key" in proxy.stderr


@pytest.fixture
def asking(tmp_path, authority):
    """nginx that asks for a client's certificate and takes none without."""
    class Asking(origins.Nginx):
        def start(self):
            text = origins.NGINX.replace("root {directory}/www;", "root {directory}/www;\n"
                                         f"ssl_client_certificate {authority.certificate};\n"
                                         "ssl_verify_client on;\n", 1)
            text = text.replace('return 200 "hello\\n";', 'return 200 "$ssl_client_s_dn\\n";')
            usual, origins.NGINX = origins.NGINX, text
            try:
                return super().start()
            finally:
                origins.NGINX = usual

    server = Asking(tmp_path / "asking", authority)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def badge(authority):
    """A client's certificate, and its key."""
    certificate_, key = authority.issue("badge", "DNS:client.test")
    authority.openssl("x509", "-req", "-in", "badge.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "2",
                   "-out", "badge.pem")
    return certificate_, key


@pytest.mark.parametrize("kind", ["tls", "connect"])
def test_a_client_certificate_is_shown_to_the_origin(way, asking, badge, kind):
    through = way(kind, port=asking.https_port,
                  options=("--client-cert", badge[0], "--client-key", badge[1]))
    with through.client() as client:
        got = client.fetch("GET", "/hello", host="localhost")
    assert (got.status, got.body) == (200, b"CN=badge\n")


def test_a_certificate_asked_for_in_vain_is_named(way, asking):
    through = way("tls", port=asking.https_port)
    with through.client() as client:
        assert client.fetch("GET", "/hello", host="localhost").status == 400, "nginx's own answer"
    event = through.panne.wait_log(lambda each: each["event"] == "tls" and each["side"] == "origin")
    assert "client certificate" in event["detail"] and "--client-cert" in event["detail"]


@pytest.mark.parametrize("kind", ["tls", "connect"])
def test_a_client_that_does_not_trust_us_is_named(way, kind):
    through = way(kind, KEPT)
    proxy = ["--proxy", through.panne.url()] if kind == "connect" else []
    done = run("curl", "-sS", "--cacert", "/etc/ssl/certs/ca-certificates.crt", *proxy, through.base + "/")
    assert done.returncode == 60
    event = through.panne.wait_log(lambda each: each["event"] == "tls" and each["side"] == "client")
    assert "unknown ca" in event["detail"].lower() or "certificate" in event["detail"].lower()


def test_passthrough_shows_the_origins_own_certificate(way, authority):
    through = way("connect", KEPT, options=("--passthrough", "localhost"))
    client = wire.connect(through.panne.url(), through.host, tls=trusting(authority.certificate))
    assert client.fetch().body == b"ok"
    client.close()
    event = wait_requests(through.panne, 1)[0]
    assert (event["method"], event["outcome"], event["status"]) == ("CONNECT", "tunnel", 200)


def test_what_is_no_tls_and_no_http_passes_as_a_tunnel(panne, origin):
    server = origin([origins.read(6), origins.send(b"\x00\xff220 hi"), origins.read_to_end()])
    proxy = panne("run", "calm", "--forward", "127.0.0.1:0")
    with wire.connect(proxy.url(), f"127.0.0.1:{server.port}") as client:
        client.send(b"\x00\x01\x02\xfe\xfd\xfc")
        assert client.take(8) == b"\x00\xff220 hi"
        client.finish()
        assert client.rest() == b"" and client.ended == "end"
    assert server.received[0] == b"\x00\x01\x02\xfe\xfd\xfc"
    assert wait_requests(proxy, 1)[0]["outcome"] == "tunnel"


def test_http_in_the_clear_inside_connect_is_served_as_such(panne, origin):
    server = origin(KEPT)
    proxy = panne("run", "calm", "--forward", "127.0.0.1:0")
    with wire.connect(proxy.url(), f"127.0.0.1:{server.port}") as client:
        assert client.fetch("GET", "/inside", host=f"127.0.0.1:{server.port}").body == b"ok"
    assert [event["path"] for event in wait_requests(proxy, 1)] == ["/inside"]


def test_many_names_are_minted_quickly(way):
    """A leaf a name; sessions of 60 names are no burden, and none gets another's."""
    through = way("tls", KEPT)
    context = trusting(through.ca)
    for number in range(60):
        with wire.Client(through.panne.url(), tls=context, server_name=f"h{number}.test") as client:
            names = client.socket.getpeercert()["subjectAltName"]
            assert names == (("DNS", f"h{number}.test"),)


def test_the_authority_is_private_and_sound(data_home, ca):
    """The key is the user's alone; s_client agrees that the root is a sound one."""
    keys = [path for path in data_home.rglob("*") if path.is_file() and b"PRIVATE KEY" in path.read_bytes()]
    assert keys and all(path.stat().st_mode & 0o077 == 0 for path in keys)
    done = subprocess.run(["openssl", "verify", "-x509_strict", "-CAfile", str(ca), str(ca)],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "pathlen:0" in run("openssl", "x509", "-in", ca, "-noout",
                                                        "-text").stdout
