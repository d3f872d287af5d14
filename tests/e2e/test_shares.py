"""A share of the requests is that share, and the same requests are hit again with the same seed, however
they are spread over connections and workers."""
import re
import threading
import urllib.parse

import pytest

import wire
from ways import trusting

COUNT = 10000
SHARE = """
panne: 1
services: {any: {match: {}}}
phases: [{name: bad, faults: [{service: any, error: 503, share: 30%}]}]
"""
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")


def ask(url, paths, context, found):
    """Pipeline these requests on one connection; which of them got a 503."""
    host = urllib.parse.urlsplit(url).netloc
    with wire.Client(url, tls=context) as client:
        asked = "".join(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n" for path in paths[:-1])
        asked += f"GET {paths[-1]} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        # All of it fits the buffers on the way; Python's TLS cannot send and receive at once.
        client.send(asked.encode())
        parts = []
        while client.more():
            parts.append(client.buffer)
            client.buffer = b""
    statuses = STATUS.findall(b"".join(parts))
    assert client.ended == "end" and len(statuses) == len(paths)
    found.extend(path for path, status in zip(paths, statuses) if status == b"503")


def hits(proxy, paths, connections, context=None):
    """Which of the requests got a 503, in no particular order."""
    parts = [[] for _ in range(connections)]
    clients = [threading.Thread(target=ask, args=(proxy.url(), paths[place::connections], context, part))
               for place, part in enumerate(parts)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return [path for part in parts for path in part]


@pytest.fixture
def measure(panne, scenario, ca):
    def run(paths, connections, *options, seed=7, tls=False):
        listen = ("https" if tls else "http") + "://127.0.0.1:0"
        proxy = panne("run", scenario(SHARE), "--seed", seed, "--listen", listen, "--upstream",
                      "embedded", *options)
        found = hits(proxy, paths, connections, trusting(ca) if tls else None)
        assert proxy.stop() == 0
        logged = [event for event in proxy.log() if event["event"] == "fault"]
        assert len(logged) == len(found) and all(event["exercised"] for event in logged)
        return found
    return run


DIFFERENT = [f"/{number}" for number in range(COUNT)]


def test_of_different_requests_the_same_are_hit_again(measure):
    alone = measure(DIFFERENT, 1)
    assert 0.285 * COUNT <= len(alone) <= 0.315 * COUNT
    assert len(set(alone)) == len(alone)
    for connections, options, tls in ((64, (), False), (64, ("--workers", "2"), False), (8, (), True)):
        assert set(measure(DIFFERENT, connections, *options, tls=tls)) == set(alone)


def test_another_seed_hits_others(measure):
    one, other = (set(measure(DIFFERENT, 16, seed=seed)) for seed in (1, 2))
    assert 0.285 * COUNT <= len(other) <= 0.315 * COUNT
    # Of independent draws, 9% of all are in both.
    assert 0.08 * COUNT <= len(one & other) <= 0.10 * COUNT


def test_of_equal_requests_as_many_are_hit_again(measure):
    equal = ["/status/200"] * COUNT
    alone = measure(equal, 1)
    assert 0.285 * COUNT <= len(alone) <= 0.315 * COUNT
    # Ordinals are the same ones, whoever gets which.
    assert len(measure(equal, 64, "--workers", "2")) == len(alone)
