"""Where it listens, and by whom it reaches origins."""
import socket
import threading

import pytest
import requests

import wire
from origins import ForEver, answer, free_port, read_head
from ways import run, trusting, wait_events, wait_requests

KEPT = ForEver([read_head(), answer()])


def test_ipv6(panne, origin):
    server = origin(KEPT)
    proxy = panne("run", "calm", "--listen", "http://[::1]:0", "--upstream", server.url)
    assert proxy.url().startswith("http://[::1]:")
    done = run("curl", "-sS", "-g", proxy.url() + "/six")
    assert done.stdout == "ok"
    assert wait_requests(proxy, 1)[0]["client"] == "::1"


def test_an_origin_on_ipv6(panne):
    server = socket.create_server(("::1", 0), family=socket.AF_INET6)

    def serve():
        connection, _ = server.accept()
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nsix")
        connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    proxy = panne("run", "calm", "--listen", "http://127.0.0.1:0",
                  "--upstream", f"http://[::1]:{server.getsockname()[1]}")
    with wire.Client(proxy.url()) as client:
        assert client.fetch().body == b"six"
    thread.join(5)
    server.close()


def test_a_unix_socket_to_listen_on(panne, origin, tmp_path):
    server = origin(KEPT)
    path = tmp_path / "panne.sock"
    proxy = panne("run", "calm", "--listen", f"unix:{path}", "--upstream", server.url)
    done = run("curl", "-sS", "--unix-socket", path, "http://any/thing")
    assert done.stdout == "ok"
    assert wait_requests(proxy, 1)[0]["path"] == "/thing"
    proxy.stop()
    assert not path.exists(), "it takes its socket away"


def test_several_routes_in_one_run(panne, origin, authority, ca):
    first, second = origin(ForEver([read_head(), answer(b"first")])), \
        origin(ForEver([read_head(), answer(b"second")]), tls=authority.context())
    proxy = panne("run", "calm", "--route", f"http://127.0.0.1:0={first.url}",
                  "--route", f"https://127.0.0.1:0=https://localhost:{second.port}",
                  "--upstream-ca", authority.certificate)
    with wire.Client(proxy.url(index=0)) as client:
        assert client.fetch().body == b"first"
    with wire.Client(proxy.url(index=1), tls=trusting(ca)) as client:
        assert client.fetch().body == b"second"
    assert len({event["url"] for event in wait_events(proxy, "listen", 2)}) == 2


def test_the_embedded_origin(panne):
    proxy = panne("run", "calm", "--listen", "http://127.0.0.1:0", "--upstream", "embedded")
    base = proxy.url("reverse")
    assert run("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", base + "/status/418").stdout == "418"
    assert len(run("curl", "-sS", base + "/bytes/100000").stdout) == 100000
    assert run("curl", "-sS", "--compressed", "-d", "said", base + "/echo").stdout.count("said") == 1


def test_proxies_are_chained(panne, origin, authority, ca):
    """The second is the first one's parent: each intercepts, each logs."""
    plain, secure = origin(KEPT), origin(KEPT, tls=authority.context())
    second = panne("run", "calm", "--forward", "127.0.0.1:0", "--upstream-ca", authority.certificate)
    first = panne("run", "calm", "--forward", "127.0.0.1:0", "--upstream-ca", ca,
                  "--parent", second.url())
    with wire.Client(first.url()) as client:
        assert client.fetch("GET", plain.url + "/plain", host="x").body == b"ok"
    target = f"localhost:{secure.port}"
    with wire.connect(first.url(), target, tls=trusting(ca)) as client:
        assert client.fetch("GET", "/secure", host=target).body == b"ok"
    for proxy in (first, second):
        assert [event["path"] for event in wait_requests(proxy, 2)] == ["/plain", "/secure"]


@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY", "all_proxy"])
def test_a_parent_may_come_from_the_environment(panne, origin, ca, variable):
    """Names that only the parent can resolve: it stands for every host with its one origin."""
    server = origin(KEPT)
    second = panne("run", "calm", "--forward", "127.0.0.1:0", "--upstream", server.url)
    first = panne("run", "calm", "--forward", "127.0.0.1:0", "--upstream-ca", ca,
                  env={variable: second.url()})
    with wire.connect(first.url(), "api.example.test:443", tls=trusting(ca)) as client:
        assert client.fetch("GET", "/secure", host="api.example.test").body == b"ok"
    for proxy in (first, second):
        assert [event["host"] for event in wait_requests(proxy, 1)] == ["api.example.test"]


def test_loopback_is_not_asked_for_by_a_parent_of_the_environment(panne, origin):
    server = origin(KEPT)
    proxy = panne("run", "calm", "--listen", "http://127.0.0.1:0", "--upstream", server.url,
                  env={"http_proxy": "http://127.0.0.1:1", "all_proxy": "http://127.0.0.1:1"})
    with wire.Client(proxy.url()) as client:
        assert client.fetch().body == b"ok"


def test_no_proxy_is_heeded(panne):
    """The name does not resolve, which only we ourselves would find out."""
    proxy = panne("run", "calm", "--listen", "http://127.0.0.1:0", "--upstream", "http://a.invalid",
                  env={"http_proxy": "http://127.0.0.1:1", "no_proxy": "b.test,.invalid"})
    with wire.Client(proxy.url()) as client:
        assert b"resolve" in client.fetch().body


def test_a_parent_that_refuses_is_named(panne, origin, ca):
    """The parent is the first proxy's origin connection, so it is the parent that is named."""
    deaf = origin(ForEver([read_head(), answer(b"no", "403 Forbidden")]))
    proxy = panne("run", "calm", "--forward", "127.0.0.1:0", "--parent", deaf.url)
    with wire.connect(proxy.url(), "api.example.com:443", tls=trusting(ca)) as client:
        got = client.fetch("GET", "/", host="api.example.com")
    assert got.status == 502 and b"proxy" in got.body
    assert bytes(deaf.received[0]).startswith(b"CONNECT api.example.com:443 HTTP/1.1\r\n")
    assert "403" in wait_requests(proxy, 1)[0]["detail"]


def test_a_parents_password_is_sent_to_it_alone(panne, origin):
    server = origin(KEPT)
    parent = origin(ForEver([read_head(), answer(b"by the parent")]))
    proxy = panne("run", "calm", "--listen", "http://127.0.0.1:0", "--upstream", server.url,
                  "--parent", parent.url.replace("//", "//user:secret@"))
    with wire.Client(proxy.url()) as client:
        assert client.fetch().body == b"by the parent"
    assert b"Proxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n" in parent.received[0]
    assert bytes(parent.received[0]).startswith(f"GET {server.url}/ HTTP/1.1\r\n".encode())
    proxy.stop()
    assert "secret" not in proxy.log_file.read_text(), "not in the log"


def test_what_is_next_to_us_is_reached_without_a_parent(panne, tmp_path):
    """Nor does its password get there."""
    path = tmp_path / "origin.socket"
    behind = panne("run", "calm", "--listen", f"unix:{path}", "--upstream", "embedded")
    proxy = panne("run", "calm", "--parent", "http://user:secret@127.0.0.1:1",
                  "--route", f"http://127.0.0.1:0=unix:{path}",
                  "--route", "http://127.0.0.1:0=embedded")
    for index in range(2):
        with wire.Client(proxy.url(index=index)) as client:
            got = client.fetch("GET", "/headers")
        assert got.status == 200
        assert b"Proxy-Authorization" not in got.body
        assert b'"target": "/headers"' in got.body
    assert len(wait_requests(behind, 1)) == 1


def test_a_parent_is_sent_to_the_upstream_whatever_host_says(panne, origin):
    server = origin(KEPT)
    parent = origin(ForEver([read_head(), answer(b"by the parent")]))
    proxy = panne("run", "calm", "--listen", "http://127.0.0.1:0", "--upstream", server.url,
                  "--preserve-host", "--parent", parent.url)
    with wire.Client(proxy.url()) as client:
        client.fetch("GET", "/a?b", host="elsewhere.test")
    head = bytes(parent.received[0])
    assert head.startswith(f"GET {server.url}/a?b HTTP/1.1\r\n".encode())
    assert b"\r\nHost: elsewhere.test\r\n" in head


def test_a_proxy_for_one_upstream_has_a_parent(panne, origin):
    server = origin(KEPT)
    parent = origin(ForEver([read_head(), answer(b"by the parent")]))
    proxy = panne("run", "calm", "--forward", "127.0.0.1:0", "--upstream", server.url,
                  "--parent", parent.url)
    with wire.Client(proxy.url()) as client:
        assert client.fetch("GET", "http://api.test/a", host="api.test").body == b"by the parent"
    assert bytes(parent.received[0]).startswith(f"GET {server.url}/a HTTP/1.1\r\n".encode())


def test_a_proxy_that_is_its_own_parent_is_no_loop(panne):
    proxy = panne("run", "calm", "--forward", "127.0.0.1:0")
    with wire.Client(proxy.url()) as client:
        got = client.fetch("GET", proxy.url() + "/again", host="x")
    assert got.status == 508
    assert wait_requests(proxy, 1)[0]["outcome"] == "refused"


def test_two_proxies_in_a_ring_end_it(panne, tmp_path):
    ports = free_port(), free_port()
    for here, there in (ports, ports[::-1]):
        last = panne("run", "calm", "--listen", f"http://127.0.0.1:{here}",
                     "--upstream", f"http://127.0.0.1:{there}", "--max-connections", "50",
                     "--origin-timeout", "2s")
    with wire.Client(last.url()) as client:
        got = client.fetch()
    assert got is None or got.status in (502, 503, 504, 508)


def test_an_outsider_may_not_use_a_forward_listener(panne, origin):
    """Beyond loopback it takes --allow; here the machine's own address is the outsider."""
    server = origin(KEPT)
    own = own_address()
    if own is None:
        pytest.skip("this machine has loopback only")
    closed = panne("run", "calm", "--forward", f"{own}:0", ready=False)
    assert closed.wait() == 2 and "--allow" in closed.stderr
    proxy = panne("run", "calm", "--forward", f"{own}:0", "--allow", f"{own}/32")
    with wire.Client(proxy.url()) as client:
        assert client.fetch("GET", server.url + "/", host="x").status == 403, "internal targets are named"
    proxy = panne("run", "calm", "--forward", f"{own}:0", "--allow", f"{own}/32", "--target", "127.0.0.1")
    with wire.Client(proxy.url()) as client:
        assert client.fetch("GET", server.url + "/", host="x").body == b"ok"


def own_address():
    """An address of this machine that is not loopback's, without a packet sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return probe.getsockname()[0]
        except OSError:
            return None


def test_a_parent_that_is_not_there_is_blamed(panne):
    """Not the origin, which nobody has asked."""
    with socket.socket() as gone:
        gone.bind(("127.0.0.1", 0))
        proxy = panne("run", "calm", "--forward", "127.0.0.1:0",
                      "--parent", f"http://127.0.0.1:{gone.getsockname()[1]}")
        got = requests.get("http://api.test/", proxies={"http": proxy.url()}, timeout=5)
    assert got.status_code == 502 and "the proxy on the way cannot be reached" in got.text
