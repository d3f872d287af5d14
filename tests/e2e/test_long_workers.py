"""Several workers share one engine: whatever they do at once, the same requests have the same fate."""
import collections
import threading

import pytest

import wire
from origins import ForEver, answer, read_head
from ways import events, run

pytestmark = [pytest.mark.long, pytest.mark.workers]

CLIENTS, REQUESTS, PATHS = 16, 150, 3
# Everything that is drawn, and nothing that takes long.
MIXED = """
panne: 1
title: Mixed
services: {any: {match: {}}}
phases:
  - name: mixed
    faults:
      - service: any
        mix:
          - share: 20%
            error: 503
          - share: 10%
            reset: {at: head}
          - share: 10%
            flood: {headers: 5}
          - share: 20%
            latency: {min: 0ms, max: 4ms}
      - {service: any, error: 429, nth: 5..9}
"""


def asks(port, name):
    """One client: its requests come one after another, each third on a new connection."""
    client = None
    for number in range(REQUESTS):
        if client is None or client.ended or number % 3 == 0:
            if client:
                client.close()
            client = wire.Client(f"http://127.0.0.1:{port}")
        got = client.fetch("GET", f"/{number % PATHS}", headers=(f"X-Client: {name}",))
        if got is None or got.get("Connection") == "close":
            client.close()
            client = None
    if client:
        client.close()


def fates(panne, origin, scenario, workers):
    """For each request of each client, all that was decided about it."""
    proxy = panne("run", scenario, "--seed", 7, "--workers", workers, "--client-by", "header:X-Client",
                  "--listen", "http://127.0.0.1:0", "--upstream", origin.url)
    threads = [threading.Thread(target=asks, args=(proxy.port(), f"client-{number}"))
               for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert proxy.stop() == 0
    log = proxy.log()
    assert log[-1]["event"] == "end" and log[-1]["lost"] == 0
    faults = collections.defaultdict(list)
    for event in log:
        if event["event"] == "fault":
            faults[event["exchange"]].append(
                (event["rule"], event["kind"], event.get("draw"), event.get("share")))
    asked = events(proxy, "request")
    assert len(asked) == CLIENTS * REQUESTS
    return {(event["client"], event["path"], event["ordinal"]):
            (event["status"], event["outcome"], sorted(faults[event["exchange"]], key=str))
            for event in asked}


def test_many_workers_draw_what_one_draws(panne, origin, scenario):
    server = origin(ForEver([read_head(), answer()]))
    path = scenario(MIXED)
    alone = fates(panne, server, path, 1)
    assert len(alone) == CLIENTS * REQUESTS, "each has an ordinal of its own"
    kinds = collections.Counter(fault[1] for _, _, hits in alone.values() for fault in hits)
    assert set(kinds) == {"error", "reset", "flood", "latency"}
    for workers in (2, 4):
        assert fates(panne, server, path, workers) == alone


def test_workers_serve_wrk_and_count_all_of_it(panne, nginx, scenario):
    path = scenario(MIXED)
    proxy = panne("run", path, "--seed", 7, "--workers", 2,
                  "--listen", "http://127.0.0.1:0", "--upstream", nginx.url)
    done = run("wrk", "-t2", "-c64", "-d5s", proxy.url() + "/hello")
    assert done.returncode == 0, done.stderr
    assert proxy.stop() == 0
    end = proxy.log()[-1]
    assert end["event"] == "end" and end["lost"] == 0
    asked = events(proxy, "request")
    assert len(asked) > 500
    assert sorted(event["ordinal"] for event in asked) == list(range(len(asked)))
