"""Many clients at once, and too many for the descriptors there are."""
import asyncio
import resource
import subprocess

import pytest

import panne as helper
import wire
from origins import ForEver, answer, read_head, wait_until
from ways import events, run, trusting, wait_events, wait_requests

KEPT = ForEver([read_head(), answer()])


@pytest.fixture(autouse=True)
def descriptors():
    """The test itself needs many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def ask_often(port, times, tls, gate):
    """One client: a connection of its own, kept, and so many requests on it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls)
    gate.release()
    await gate.all_there.wait()
    for _ in range(times):
        writer.write(b"GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 OK\r\n"), head
        assert await reader.readexactly(6) == b"hello\n"
    writer.close()


class Gate:
    """Nobody asks before all are connected."""

    def __init__(self, count):
        self.missing = count
        self.all_there = asyncio.Event()

    def release(self):
        self.missing -= 1
        if self.missing == 0:
            self.all_there.set()


def crowd(port, count, times, tls=None):
    async def all_of_them():
        gate = Gate(count)
        await asyncio.gather(*(ask_often(port, times, tls, gate) for _ in range(count)))
    asyncio.run(all_of_them())


@pytest.mark.parametrize("kind, count, workers", [
    ("plain", 1000, 1), pytest.param("plain", 1000, 2, marks=pytest.mark.workers), ("tls", 300, 1)])
def test_parallel_clients_are_all_served(way, nginx, kind, count, workers):
    port = nginx.http_port if kind == "plain" else nginx.https_port
    through = way(kind, port=port, options=("--workers", workers))
    listening = through.panne.sockets()
    crowd(through.panne.port(), count, 3, tls=trusting(through.ca) if kind == "tls" else None)
    asked = wait_requests(through.panne, count * 3, within=20)
    assert {(event["status"], event["outcome"]) for event in asked} == {(200, "answered")}
    wait_until(lambda: len(events(through.panne, "connection")) == count, 10, "all have gone")
    assert {event["requests"] for event in events(through.panne, "connection")} == {3}
    kept = through.panne.sockets() - listening
    assert kept <= count, "of connections to the origin"
    assert through.panne.stop() == 0
    assert events(through.panne, "end")[0]["lost"] == 0


def test_wrk_finds_no_error(way, nginx):
    through = way("plain", port=nginx.http_port)
    done = run("wrk", "-t1", "-c200", "-d2s", through.panne.url() + "/hello")
    assert done.returncode == 0 and "Requests/sec" in done.stdout
    assert "Socket errors" not in done.stdout and "Non-2xx" not in done.stdout, done.stdout
    assert through.panne.stop() in (0, 3)
    end = events(through.panne, "end")[0]
    missing = end["requests"] - len(events(through.panne, "request"))
    assert 0 <= missing <= end["lost"], "each line is there, or counted as lost"
    assert (end["exit"] == 3) == (end["lost"] > 0), "a line that is lost is not lost silently"


def test_no_more_than_max_connections_are_served_at_once(way):
    through = way("plain", KEPT, options=("--max-connections", "5"))
    first = [through.client() for _ in range(5)]
    for client in first:
        assert client.fetch().body == b"ok"
    waiting = through.client()
    waiting.ask()
    waiting.socket.settimeout(0.3)
    with pytest.raises(TimeoutError):
        waiting.answer()
    assert through.origin.connections <= 5
    spent = through.panne.cpu()
    waiting.socket.settimeout(10)
    first[0].close()
    assert waiting.answer().body == b"ok", "it comes in when another has gone"
    assert through.panne.cpu() - spent < 0.1
    for client in [*first, waiting]:
        client.close()


class Limited(helper.Panne):
    """panne with few descriptors; it cannot raise the limit by itself."""

    def start(self, wait=True):
        with (self.directory / "stdout").open("wb") as out, \
                (self.directory / "stderr").open("wb") as err:
            self.process = subprocess.Popen(
                ["prlimit", "--nofile=64:64", helper.BINARY, *self.arguments], cwd=self.directory,
                env=self.env, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                start_new_session=True)
        if wait:
            self.wait_ready()
        return self


def test_without_descriptors_it_waits_and_recovers(tmp_path, environment, origin):
    server = origin(KEPT)
    proxy = Limited(["run", "calm", "--listen", "http://127.0.0.1:0", "--upstream", server.url,
                     "--idle-timeout", "60s"], tmp_path, environment).start()
    try:
        clients = [wire.Client(proxy.url()) for _ in range(100)]
        wait_until(lambda: len(proxy.descriptors()) >= 60, 5, "descriptors run out")
        with proxy.idle():  # it looks again after a pause, and says so
            told = wait_events(proxy, "trouble", len(events(proxy, "trouble")) + 5)
        assert {event["what"] for event in told} == {"starved"}
        for client in clients[:90]:
            client.close()
        for client in clients[90:]:
            assert client.fetch().body == b"ok", "those who waited are served"
            client.close()
        with wire.Client(proxy.url()) as client:
            assert client.fetch().body == b"ok"
        troubles = [event for event in proxy.log() if event["event"] == "trouble"]
        assert len(troubles) < 20, "said, but not over and over"
    finally:
        proxy.finish()


def test_without_descriptors_for_origins_clients_are_told(tmp_path, environment, origin):
    """Clients fit, their origin connections do not: each gets an answer all the same."""
    server = origin(KEPT)
    proxy = Limited(["run", "calm", "--listen", "http://127.0.0.1:0", "--upstream", server.url],
                    tmp_path, environment).start()
    try:
        clients = [wire.Client(proxy.url()) for _ in range(40)]
        for client in clients:
            client.ask()
        statuses = []
        for client in clients:  # one that leaves makes room for one that waits to be accepted
            statuses.append(client.answer().status)
            client.close()
        assert statuses.count(200) >= 1 and set(statuses) <= {200, 502, 503}
        with wire.Client(proxy.url()) as client:
            assert client.fetch().body == b"ok"
    finally:
        proxy.finish()
