"""Clients that nobody here wrote, from Debian: curl, wget, requests, urllib3, Go."""
import gzip
import json
import os
import subprocess

import pytest
import requests
import urllib3

import panne as helper
from origins import ForEver, answer, read, read_head, read_until, send
from ways import Way, events, run, wait_requests

KEPT = ForEver([read_head(), answer()])
PAGE = b"<html><a href=\"/other.html\">other</a></html>"
FAILS_TWICE = """
panne: 1
services: {any: {match: {}}}
phases:
  - name: shaky
    faults: [{service: any, error: {status: 503, retry-after: 1s}, nth: 1..2}]
"""
RESETS_TWICE = FAILS_TWICE.replace("error: {status: 503, retry-after: 1s}", "reset: request")


@pytest.fixture
def files(nginx):
    """nginx's files for these tests."""
    for name, content in (("page.html", PAGE), ("other.html", b"<p>other</p>"),
                          ("data.json", json.dumps(list(range(5000))).encode()),
                          ("blob.bin", os.urandom(3000000))):
        (nginx.www / name).write_bytes(content)
    return nginx


def nginx_port(nginx, kind):
    return nginx.http_port if kind == "plain" else nginx.https_port


@pytest.mark.parametrize("kind", Way.ALL)
def test_curl(way, files, tmp_path, kind):
    through = way(kind, port=nginx_port(files, kind))
    done = through.curl("-i", path="/hello")
    assert done.returncode == 0 and done.stdout.endswith("\n\nhello\n"), done.stderr
    assert through.curl("--compressed", path="/data.json").stdout == json.dumps(list(range(5000)))
    assert through.curl("-r", "10-19", path="/page.html", text=False).stdout == PAGE[10:20]
    assert through.curl("-I", path="/blob.bin").stdout.count("3000000") == 1
    assert through.curl("-F", f"file=@{files.www}/blob.bin", path="/upload").stdout == "hello\n"
    assert through.curl("-f", path="/status/404").returncode == 22
    assert through.curl("-C", "1000", "-o", tmp_path / "rest", path="/blob.bin").returncode == 0
    many = through.curl("-w", "%{num_connects}", path="/hello?[1-20]")
    assert many.stdout.startswith("hello\n1hello\n0"), "one connection for all"
    statuses = [event["status"] for event in wait_requests(through.panne, 27)]
    assert statuses == [200, 200, 206, 200, 200, 404, 206] + [200] * 20


def test_curl_retries_until_it_works(way, scenario, tmp_path):
    through = way("plain", KEPT, scenario=scenario(FAILS_TWICE))
    done = through.curl("--retry", "5", "-o", tmp_path / "got", "-w", "%{http_code}")
    assert done.returncode == 0 and (tmp_path / "got").read_bytes() == b"ok"
    asked = wait_requests(through.panne, 3)
    assert [event["status"] for event in asked] == [503, 503, 200]
    gaps = [later["time"] - event["time"] for event, later in zip(asked, asked[1:])]
    assert all(0.9 < gap < 1.5 for gap in gaps), "Retry-After is heeded"


def test_curl_uses_the_proxy_of_its_environment(panne, environment, files, ca):
    proxy = panne("run", "calm", "--forward", "127.0.0.1:0", "--upstream-ca", files.ca)
    env = {**environment, "https_proxy": proxy.url(), "http_proxy": proxy.url(),
           "CURL_CA_BUNDLE": str(ca)}
    for url in (files.url, files.https_url):
        assert run("curl", "-sS", url + "/hello", env=env).stdout == "hello\n"
    hosts = [event["host"] for event in wait_requests(proxy, 2)]
    assert hosts == ["127.0.0.1", "localhost"]


@pytest.mark.parametrize("kind", ["plain", "connect"])
def test_wget_mirrors(panne, environment, files, ca, tmp_path, kind):
    proxy = panne("run", "calm", "--forward", "127.0.0.1:0", "--upstream-ca", files.ca)
    env = {**environment, "https_proxy": proxy.url(), "http_proxy": proxy.url()}
    base = files.url if kind == "plain" else files.https_url
    done = run("wget", "-nv", "-r", "-l2", "-e", "robots=off", "--ca-certificate", ca, "-P", tmp_path,
               base + "/page.html", env=env)
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.rglob("other.html"))) == 1
    paths = [event["path"] for event in wait_requests(proxy, 2)]
    assert paths == ["/page.html", "/other.html"]


def test_wget_goes_on_where_it_was_cut(way, tmp_path):
    whole = os.urandom(100000)
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\nAccept-Ranges: bytes\r\n\r\n" + whole[:60000]
    rest = (b"HTTP/1.1 206 Partial Content\r\nContent-Length: 40000\r\n"
            b"Content-Range: bytes 60000-99999/100000\r\n\r\n" + whole[60000:])
    through = way("plain", [read_head(), send(cut)], [read_head(), send(rest)])
    done = run("wget", "-nv", "--waitretry=0", "-O", tmp_path / "got", through.panne.url() + "/x",
               env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)})
    assert done.returncode == 0 and (tmp_path / "got").read_bytes() == whole
    assert b"Range: bytes=60000-" in through.origin.received[1]
    assert [event["outcome"] for event in wait_requests(through.panne, 2)] == ["cut", "answered"]


@pytest.mark.parametrize("kind", Way.ALL)
def test_requests(way, files, kind):
    through = way(kind, port=nginx_port(files, kind))
    with requests.Session() as session:
        for key, value in through.requests.items():
            setattr(session, key, value)
        assert session.get(through.base + "/data.json").json() == list(range(5000))
        assert session.get(through.base + "/blob.bin").content == (files.www / "blob.bin").read_bytes()
        assert session.post(through.base + "/upload", data=iter([b"a" * 70000] * 5)).text == "hello\n"
        assert session.head(through.base + "/hello").status_code == 200
        assert session.get(through.base + "/empty").status_code == 204
        with session.get(through.base + "/blob.bin", stream=True) as streamed:
            assert sum(map(len, streamed.iter_content(8192))) == 3000000
    asked = wait_requests(through.panne, 6)
    assert asked[2]["bytes_up"] == 350000
    assert len({event["connection"] for event in asked}) == 1


@pytest.mark.parametrize("kind", Way.ALL)
def test_urllib3_retries(way, scenario, kind):
    through = way(kind, KEPT, scenario=scenario(FAILS_TWICE))
    retries = urllib3.Retry(3, status_forcelist=[503], backoff_factor=0)
    trust = {} if kind == "plain" else {"ca_certs": str(through.ca)}
    pool = urllib3.ProxyManager(through.panne.url(), **trust) if kind == "connect" else \
        urllib3.PoolManager(**trust)
    got = pool.request("GET", through.base + "/a", retries=retries)
    assert (got.status, got.data, len(got.retries.history)) == (200, b"ok", 2)
    assert [event["status"] for event in wait_requests(through.panne, 3)] == [503, 503, 200]
    assert [event["ordinal"] for event in events(through.panne, "request")] == [0, 1, 2]
    pool.clear()


def test_urllib3_retries_resets(way, scenario):
    through = way("tls", KEPT, scenario=scenario(RESETS_TWICE))
    pool = urllib3.PoolManager(ca_certs=str(through.ca))
    assert pool.request("GET", through.base, retries=3).data == b"ok"
    assert [event["outcome"] for event in wait_requests(through.panne, 3)] == \
        ["reset", "reset", "answered"]
    pool.clear()


def test_urllib3_through_a_forward_proxy_in_the_clear(panne, files):
    proxy = panne("run", "calm", "--forward", "127.0.0.1:0")
    pool = urllib3.ProxyManager(proxy.url())
    assert pool.request("GET", files.url + "/hello").data == b"hello\n"
    assert json.loads(gzip.decompress(pool.request(
        "GET", files.url + "/data.json", headers={"Accept-Encoding": "gzip"},
        decode_content=False).data)) == list(range(5000))
    pool.clear()


@pytest.fixture(scope="session")
def go_client(tmp_path_factory):
    """The Go client, built with the user's own build cache if there is one."""
    program = tmp_path_factory.mktemp("go") / "client"
    subprocess.run(["go", "build", "-o", str(program), "client.go"], check=True, timeout=110,
                   cwd=helper.ROOT / "tests" / "clients" / "go",
                   env={"GOCACHE": str(tmp_path_factory.getbasetemp() / "gocache"), **os.environ})
    return program


@pytest.mark.parametrize("kind", Way.ALL)
def test_go(way, go_client, ca, environment, kind):
    said = (b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n"
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
            b"4\r\nhell\r\n1\r\no\r\n0\r\nX-Sum: 5\r\n\r\n")
    through = way(kind, ForEver([read_head(), read_until(b"0\r\n\r\n"), send(said)]))
    done = run(go_client, through.base + "/go", 10, *([through.panne.url()] if kind == "connect" else []),
               env={**environment, "SSL_CERT_FILE": str(ca)})
    seen = json.loads(done.stdout)
    assert seen["Error"] == "" and seen["Statuses"] == [200] * 10 and seen["Bodies"] == ["hello"] * 10
    assert (seen["Reused"], seen["Hints"], seen["Trailer"]) == (9, 10, "5")
    assert through.origin.connections == 1
    assert [event["bytes_up"] for event in wait_requests(through.panne, 10)] == [7] * 10


def test_go_gives_up_on_a_cut_answer(way, go_client, environment):
    through = way("plain", [read_head(), read(12), send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")])
    done = run(go_client, through.base, 1, env=environment)
    assert json.loads(done.stdout)["Error"] == "unexpected EOF"
