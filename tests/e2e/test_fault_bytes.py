"""Bytes sliced, cut off and spoiled on the way, as real clients see it."""
import gzip
import http.client
import json
import socket
import struct
import subprocess

import pytest
import requests
import urllib3

from origins import ForEver, answer, read, read_head, send
from ways import Way, fault_of, run, wait_requests

BODY = bytes(range(33, 127)) * 20
PLAIN = ForEver([read_head(), answer(BODY)])
CHUNKED = ForEver([read_head(), send(
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (1000, BODY[:1000], len(BODY) - 1000, BODY[1000:]))])
TO_THE_END = [read_head(), send(b"HTTP/1.1 200 OK\r\n\r\n" + BODY)]
UPLOAD = [read_head(), read(100), answer()]


def pool(through):
    """urllib3, which need not be told by requests whether lengths count: that changed with 2.0."""
    trust = {} if through.kind == "plain" else {"ca_certs": str(through.ca)}
    if through.kind == "connect":
        return urllib3.ProxyManager(through.panne.url(), **trust)
    return urllib3.PoolManager(**trust)


def segments(connection):
    """How many segments with data the kernel has received (tcpi_data_segs_in)."""
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 160)
    return struct.unpack_from("I", info, 152)[0]


@pytest.mark.parametrize("kind", Way.ALL)
@pytest.mark.parametrize("script", [PLAIN, CHUNKED], ids=["length", "chunked"])
def test_sliced_bodies_stay_whole(way, faults, kind, script):
    through = way(kind, script, scenario=faults("slice: 100B"))
    got = requests.get(through.base, timeout=10, **through.requests)
    assert got.content == BODY
    assert through.curl().stdout == BODY.decode()
    fault = fault_of(through)
    assert fault["exercised"] and fault["touched"] == (len(BODY) - 1) // 100


def test_each_slice_is_a_segment_of_its_own(way, faults):
    through = way("plain", PLAIN, scenario=faults("slice: 300B"))
    with through.client() as client:
        assert client.fetch().body == BODY
        assert segments(client.socket) >= 4, "of seven: the kernel may join some"


def test_each_slice_is_a_chunk_of_its_own(way, faults):
    through = way("plain", CHUNKED, scenario=faults("slice: 300B"))
    with through.client() as client:
        client.ask()
        client.head()
        sizes = []
        while (size := int(client.line(), 16)) > 0:
            client.take(size + 2)
            sizes.append(size)
    assert sum(sizes) == len(BODY) and max(sizes) == 300 and sizes.count(300) == len(BODY) // 300


@pytest.mark.parametrize("kind", Way.ALL)
def test_slices_come_one_after_the_other(way, faults, kind):
    through = way(kind, PLAIN, scenario=faults("slice: {size: 500B, every: 60ms}"))
    with through.client() as client:
        client.ask()
        client.head()
        pieces = [len(client.buffer)] if client.buffer else []
        while sum(pieces) < len(BODY):
            client.buffer = b""
            assert client.more()
            pieces.append(len(client.buffer))
    assert len(pieces) == 4 and all(piece <= 500 for piece in pieces)
    assert wait_requests(through.panne, 1)[0]["lasted_ms"] >= 180


def test_a_client_that_takes_one_read_for_the_whole_goes_wrong(way, faults):
    body = json.dumps({"rows": list(range(500))}).encode()
    through = way("plain", ForEver([read_head(), answer(body)]),
                  scenario=faults("slice: {size: 100B, every: 30ms}"))
    with through.client() as client:
        client.ask()
        head, _, rest = client.socket.recv(65536).partition(b"\r\n\r\n")
    assert head and len(rest) <= 100
    with pytest.raises(json.JSONDecodeError):
        json.loads(rest)
    assert requests.get(through.base, timeout=10).json()["rows"][-1] == 499


def test_a_request_is_sliced(way, faults):
    through = way("plain", UPLOAD, scenario=faults("slice: {size: 30B, every: 40ms, on: request}"))
    with through.client() as client:
        assert client.fetch("POST", body=b"x" * 100).body == b"ok"
    assert through.origin.received[0].endswith(b"\r\n\r\n" + b"x" * 100)
    event = wait_requests(through.panne, 1)[0]
    assert event["lasted_ms"] >= 120
    assert fault_of(through)["exercised"]


def test_many_slices_take_little_memory(way, faults):
    body = b"x" * 3_000_000
    through = way("plain", ForEver([read_head(), answer(body)]), scenario=faults("slice: 1B"))

    def memory():
        status = open(f"/proc/{through.panne.pid}/status", encoding="ascii").read()
        return int(status.partition("VmRSS:")[2].split()[0])

    before = memory()
    with through.client() as client:
        client.ask()
        client.take(200_000)
        # A chunk for each slice would be hundreds of MiB; a sanitizer keeps what was freed.
        assert memory() - before < 16000, "KiB"


def test_a_tunnel_is_sliced(tunnel):
    client, proxy, server = tunnel([read(3), send(BODY), read(1)],
                                   "slice: {size: 500B, every: 30ms, on: both}")
    client.send(b"abc")
    assert client.take(len(BODY)) == BODY
    client.close()
    fault = fault_of(proxy)
    assert fault["exercised"] and bytes(server.received[0]) == b"abc"


@pytest.mark.parametrize("kind", Way.ALL)
@pytest.mark.parametrize("script", [PLAIN, CHUNKED], ids=["length", "chunked"])
def test_a_cut_is_seen_by_all(way, faults, kind, script):
    through = way(kind, script, scenario=faults("truncate: 700B"))
    done = through.curl()
    assert done.returncode == 18, done.stderr  # CURLE_PARTIAL_FILE
    assert done.stdout == BODY[:700].decode()
    with pytest.raises(urllib3.exceptions.ProtocolError, match="IncompleteRead|InvalidChunkLength"):
        pool(through).request("GET", through.base, enforce_content_length=True, retries=False)
    with through.client() as client:
        got = client.fetch()
        assert got.body == BODY[:700] and not got.whole and client.ended == "end"
    fault = fault_of(through, 3)
    assert fault["exercised"] and fault["touched"] == (len(BODY) - 700 if script is PLAIN else 1)
    assert wait_requests(through.panne, 3)[0]["outcome"] == "cut"


@pytest.mark.parametrize("kind", Way.ALL)
def test_a_share_of_it(way, faults, kind):
    through = way(kind, PLAIN, scenario=faults("truncate: {share: 25%, end: cut}"))
    done = through.curl("-w", "%{size_download}", "-o", "/dev/null")
    assert (done.returncode, done.stdout) == (18, str(len(BODY) // 4))


def test_a_share_of_an_unknown_length_is_not_exercised(way, faults):
    through = way("plain", CHUNKED, scenario=faults("truncate: {share: 25%}"))
    assert requests.get(through.base, timeout=10).content == BODY
    assert fault_of(through)["exercised"] is False
    assert through.panne.stop() == 4


@pytest.mark.parametrize("kind", Way.ALL)
@pytest.mark.parametrize("script", [PLAIN, CHUNKED], ids=["length", "chunked"])
def test_a_clean_end_is_seen_by_nobody(way, faults, kind, script):
    through = way(kind, script, scenario=faults("truncate: {after: 700B, end: clean}"))
    done = through.curl("-D", "-", "--suppress-connect-headers")
    head, _, body = done.stdout.replace("\r\n", "\n").partition("\n\n")
    assert done.returncode == 0 and body == BODY[:700].decode()
    assert ("content-length: 700" in head.lower()) == (script is PLAIN)
    with through.client() as client:
        for _ in range(3):
            got = client.fetch()
            assert got.whole and got.body == BODY[:700] and got.get("Connection") is None
    assert wait_requests(through.panne, 4)[0]["outcome"] == "answered"


@pytest.mark.parametrize("kind", Way.ALL)
def test_a_truncated_body_can_break(way, faults, kind):
    through = way(kind, PLAIN, scenario=faults("truncate: {after: 700B, end: reset}"))
    with through.client() as client:
        got = client.fetch()
        assert got.body == BODY[:700] and client.ended == "reset"
    assert wait_requests(through.panne, 1)[0]["outcome"] == "reset"


def test_without_a_length_a_cut_looks_whole(way, faults):
    through = way("plain", TO_THE_END, scenario=faults("truncate: 700B"))
    connection = http.client.HTTPConnection("127.0.0.1", through.panne.port(), timeout=10)
    connection.putrequest("GET", "/")
    connection.putheader("Connection", "close")
    connection.endheaders()
    got = connection.getresponse()
    if got.getheader("Transfer-Encoding"):
        with pytest.raises(http.client.IncompleteRead):
            got.read()
    else:
        assert got.read() == BODY[:700]
    connection.close()


@pytest.mark.parametrize("kind", Way.ALL)
def test_a_request_is_cut(way, faults, kind):
    through = way(kind, [read_head(), read(1000), answer()],
                  scenario=faults("truncate: {after: 40B, on: request}"))
    got = requests.post(through.base, data=b"x" * 1000, timeout=10, **through.requests)
    assert got.status_code == 502
    head, _, body = bytes(through.origin.received[0]).partition(b"\r\n\r\n")
    assert b"Content-Length: 1000" in head and body == b"x" * 40
    assert fault_of(through)["touched"] == 960


@pytest.mark.parametrize("kind", Way.ALL)
def test_a_request_ends_early_and_clean(way, faults, kind):
    script = ForEver([read_head(), read(40), answer()])
    through = way(kind, script, scenario=faults("truncate: {after: 40B, end: clean, on: request}"))
    with through.client() as client:
        for _ in range(2):
            assert client.fetch("POST", body=b"x" * 1000).body == b"ok"
    head, _, body = bytes(through.origin.received[0]).partition(b"\r\n\r\n")
    assert b"Content-Length: 40\r\n" in head + b"\r\n" and body.startswith(b"x" * 40)
    assert b"x" * 41 not in body


@pytest.mark.parametrize("end", ["clean", "cut", "reset"])
def test_a_tunnel_is_cut(tunnel, end):
    client, proxy, _ = tunnel([send(BODY), read(1)], f"truncate: {{after: 700B, end: {end}}}")
    assert client.rest() == BODY[:700] and client.ended == ("reset" if end == "reset" else "end")
    if end == "clean":
        client.close()
    assert fault_of(proxy)["exercised"]


@pytest.mark.parametrize("kind", Way.ALL)
@pytest.mark.parametrize("script", [PLAIN, CHUNKED], ids=["length", "chunked"])
def test_corrupt_bytes_keep_their_number(way, faults, kind, script):
    through = way(kind, script, scenario=faults("corrupt: {rate: 5%, after: 100B}"))
    with through.client() as client:
        got = client.fetch()
    assert got.whole and len(got.body) == len(BODY) and got.body[:100] == BODY[:100]
    wrong = [left ^ right for left, right in zip(got.body, BODY) if left != right]
    assert 40 <= len(wrong) <= 150 and all(bits.bit_count() == 1 for bits in wrong)
    fault = fault_of(through)
    assert fault["exercised"] and fault["touched"] == len(wrong)


def test_the_same_bytes_are_hit_again_however_they_come(way, faults):
    scenario = faults("corrupt: 3%")
    bodies = []
    for script in (PLAIN, CHUNKED, PLAIN):
        through = way("plain", script, scenario=scenario)
        bodies.append(requests.get(through.base, timeout=10).content)
    assert bodies[0] == bodies[1] == bodies[2] != BODY


def test_decoders_find_out(way, faults):
    document = json.dumps([{"id": number} for number in range(400)]).encode()
    packed = ForEver([read_head(), answer(gzip.compress(document),
                                          headers=("Content-Encoding: gzip",))])
    through = way("tls", packed, scenario=faults("corrupt: {rate: 2%, after: 20B}"))
    with pytest.raises(requests.exceptions.ContentDecodingError):
        requests.get(through.base, timeout=10, **through.requests)
    assert through.curl("--compressed", "-o", "/dev/null").returncode == 61  # CURLE_BAD_CONTENT_ENCODING


def test_a_request_is_spoiled(way, faults):
    through = way("plain", UPLOAD, scenario=faults("corrupt: {rate: 100%, bits: 8, on: request}"))
    with through.client() as client:
        assert client.fetch("POST", body=b"x" * 100).body == b"ok"
    assert through.origin.received[0].endswith(bytes([ord("x") ^ 255]) * 100)


def test_tls_in_a_tunnel_finds_out(way, faults, authority):
    through = way("connect", PLAIN, scenario=faults("corrupt: {rate: 5%, after: 2000B}"),
                  options=("--passthrough", "localhost"))
    done = run("curl", "-sS", "--cacert", authority.certificate, "--proxy", through.panne.url(),
               "--noproxy", "", through.base)
    assert done.returncode in (35, 56), done.stderr
    assert fault_of(through)["exercised"]


def test_openssl_says_what_it_makes_of_it(way, faults, authority):
    through = way("connect", PLAIN, scenario=faults("corrupt: {rate: 100%, on: response}"),
                  options=("--passthrough", "localhost"))
    done = subprocess.run(["openssl", "s_client", "-proxy", through.panne.url().split("//")[1].strip("/"),
                           "-connect", through.host, "-servername", "localhost",
                           "-CAfile", str(authority.certificate)],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1 and "error" in done.stderr.lower()
