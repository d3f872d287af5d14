"""Large bodies and stalled readers: what is held in memory."""
import hashlib
import os
import socket
import threading
import time

import pytest

from origins import ForEver, answer, read_head, wait_for, wait_until
from ways import Way, events, run, wait_requests

GIB = 1 << 30
MIB = 1 << 20
BLOCK = bytes(range(256)) * 4096  # 1 MiB
HELD_MOST = 256 * 1024


def peak_memory(proxy):
    """The most memory that the process ever had, in bytes."""
    with open(f"/proc/{proxy.pid}/status", encoding="ascii") as status:
        line = next(line for line in status if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def peak_allowed():
    """A sanitizer's shadow and quarantine are not ours."""
    return 64 * MIB if "sanitize" not in os.environ.get("PANNE", "") else 1024 * MIB


def send_blocks(count):
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {count * MIB}\r\n\r\n".encode()

    def act(connection, received):
        connection.sendall(head)
        for _ in range(count):
            connection.sendall(BLOCK)
        return True
    return act


def swallow(count, digest):
    """Read that many bytes of body, which may have begun to come with the head."""
    def act(connection, received):
        left = count * MIB - (len(received) - received.place)
        digest.update(received[received.place:])
        buffer = memoryview(bytearray(MIB))
        while left > 0:
            got = connection.recv_into(buffer[:min(left, MIB)])
            if got == 0:
                return False
            digest.update(buffer[:got])
            left -= got
        return True
    return act


def expected(count):
    digest = hashlib.sha1()
    for _ in range(count):
        digest.update(BLOCK)
    return digest.hexdigest()


def download(client, count):
    client.ask()
    head = client.head()
    assert head.get("Content-Length") == str(count * MIB)
    digest = hashlib.sha1(client.buffer)
    left = count * MIB - len(client.buffer)
    client.buffer = b""
    buffer = memoryview(bytearray(MIB))
    while left > 0:
        got = client.socket.recv_into(buffer[:min(left, MIB)])
        assert got, f"{left} bytes are missing"
        digest.update(buffer[:got])
        left -= got
    return digest.hexdigest()


def upload(client, count):
    client.ask("PUT", headers=(f"Content-Length: {count * MIB}",))
    for _ in range(count):
        client.send(BLOCK)
    return client.answer()


@pytest.mark.parametrize("kind, count", [("plain", 1024), ("tls", 256), ("connect", 256)])
def test_a_large_answer_passes_in_little_memory(way, kind, count):
    through = way(kind, [read_head(), send_blocks(count)])
    with through.client(within=60) as client:
        assert download(client, count) == expected(count)
    assert peak_memory(through.panne) < peak_allowed()
    event = wait_requests(through.panne, 1, within=10)[0]
    assert (event["outcome"], event["bytes_down"]) == ("answered", count * MIB)


@pytest.mark.parametrize("kind, count", [("plain", 1024), ("tls", 256), ("connect", 256)])
def test_a_large_upload_passes_in_little_memory(way, kind, count):
    digest = hashlib.sha1()
    through = way(kind, [read_head(), swallow(count, digest), answer(b"thanks")])
    with through.client(within=60) as client:
        assert upload(client, count).body == b"thanks"
    assert digest.hexdigest() == expected(count)
    assert peak_memory(through.panne) < peak_allowed()
    assert wait_requests(through.panne, 1, within=10)[0]["bytes_up"] == count * MIB


@pytest.mark.long
@pytest.mark.parametrize("kind", Way.ALL)
def test_a_gibibyte_passes_both_ways(way, kind):
    digest = hashlib.sha1()
    through = way(kind, [read_head(), swallow(1024, digest), send_blocks(1024)])
    with through.client(within=60) as client:
        client.ask("PUT", headers=(f"Content-Length: {GIB}",))
        for _ in range(1024):
            client.send(BLOCK)
        assert client.head().status == 200
        client.buffer = b""
    assert digest.hexdigest() == expected(1024)
    assert peak_memory(through.panne) < peak_allowed()


def test_a_large_file_of_a_real_server_through_a_real_client(way, nginx, tmp_path):
    with (nginx.www / "large.bin").open("wb") as file:
        for _ in range(64):
            file.write(BLOCK)
    through = way("tls", port=nginx.https_port)
    done = through.curl("-o", tmp_path / "got", "-w", "%{size_download}", path="/large.bin")
    assert done.returncode == 0 and done.stdout == str(64 * MIB)
    assert run("cmp", tmp_path / "got", nginx.www / "large.bin").returncode == 0
    (tmp_path / "got").unlink()
    through.curl("-T", nginx.www / "large.bin", path="/upload")
    assert wait_requests(through.panne, 2)[1]["bytes_up"] == 64 * MIB
    (nginx.www / "large.bin").unlink()
    assert peak_memory(through.panne) < peak_allowed()


def settle(value):
    """The value, once it has not changed for a while."""
    last, since = value(), time.monotonic()
    while time.monotonic() - since < 0.4:
        time.sleep(0.02)
        if value() != last:
            last, since = value(), time.monotonic()
    return last


@pytest.mark.parametrize("kind", Way.ALL)
def test_an_origin_is_not_read_for_a_client_that_does_not(way, kind):
    """What the origin gets rid of is what the client's socket, our buffers and ours hold."""
    sent = [0]

    def pour(connection, received):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        while True:
            sent[0] += connection.send(b"x" * 16384)

    through = way(kind, [read_head(), pour])
    with through.client() as client:
        client.ask()
        assert client.head().status == 200
        stopped = settle(lambda: sent[0])
        queued = kernel_queues(through)
        assert stopped - queued <= HELD_MOST + 64 * 1024, (stopped, queued)
        assert peak_memory(through.panne) < peak_allowed()
        got = client.take(stopped)  # and it goes on
        assert len(got) == stopped
        wait_until(lambda: sent[0] > stopped, 5, "more is sent")


def kernel_queues(through):
    """Bytes in the sockets' queues of all connections of this proxy's, on both ends."""
    ports = (f":{through.origin_port:04X}", f":{through.panne.port():04X}")
    total = 0
    for line in open("/proc/net/tcp", encoding="ascii").read().splitlines()[1:]:
        fields = line.split()
        if fields[1].endswith(ports) or fields[2].endswith(ports):
            waiting, unread = fields[4].split(":")
            total += int(waiting, 16) + int(unread, 16)
    return total


def test_a_client_is_not_read_for_an_origin_that_does_not(way):
    go = threading.Event()
    through = way("plain", [read_head(), wait_for(go)])
    sent = [0]
    with through.client() as client:
        client.socket.setblocking(False)
        client.send(b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n")

        def push():
            try:
                while True:
                    sent[0] += client.socket.send(b"x" * 16384)
            except BlockingIOError:
                return sent[0]

        stopped = settle(push)
        assert stopped - kernel_queues(through) <= HELD_MOST + 64 * 1024
    go.set()
    wait_requests(through.panne, 1)


def test_a_hundred_stalled_readers_cost_little(way):
    through = way("plain", ForEver([read_head(), send_blocks(64)]))
    clients = [through.client() for _ in range(100)]
    for client in clients:
        client.ask()
    for client in clients:
        assert client.head().status == 200
    settle(lambda: peak_memory(through.panne))
    assert peak_memory(through.panne) < peak_allowed()
    for client in clients:
        client.close()
    wait_until(lambda: len(events(through.panne, "request")) == 100, 10, "all have ended")


def test_trickles_pass_at_once(way):
    """Bytes are not held back until there are more."""
    steps = [threading.Event() for _ in range(20)]

    def drip(connection, received):
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for step in steps:
            connection.sendall(b"1\r\nx\r\n")
            if not step.wait(5):
                return False
        connection.sendall(b"0\r\n\r\n")
        return True

    through = way("tls", [read_head(), drip])
    with through.client() as client:
        client.ask()
        assert client.head().status == 200
        for step in steps:
            assert client.line() == b"1" and client.take(3) == b"x\r\n"
            step.set()
        assert client.line() == b"0"
