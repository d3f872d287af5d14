"""Under valgrind: real traffic makes no error, and a run leaves no memory and no descriptor behind."""
import concurrent.futures
import signal
import sys

import pytest

import panne as helper
from origins import ForEver, answer, read_head, wait_until
from ways import Way, events, wait_requests

sys.path.insert(0, str(helper.ROOT / "tests"))
import memcheck  # noqa: E402

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif("build-sanitize" in helper.BINARY or "build-thread" in helper.BINARY,
                       reason="a sanitized program cannot run under valgrind"),
]

SERVICES = "panne: 1\nservices: {any: {match: {}}}\nphases:\n  - name: %s\n    faults:\n"
FAULTS = SERVICES % "all" + """
      - service: any
        mix:
          - share: 15%
            error: {status: 503, body: later, retry-after: 1s}
          - share: 15%
            reset: {at: request}
          - share: 15%
            reset: {at: body, after: 2B}
          - share: 15%
            hang: {for: 30ms, at: body, after: 1B}
          - share: 15%
            latency: {p50: 5ms, p99: 50ms}
          - share: 15%
            flood: {body: x8, headers: 30}
"""
CLIENTS, REQUESTS = 8, 25
SLOW = 60.0


@pytest.fixture
def panne(panne, tmp_path):
    """As ever, but under memcheck; what it found fails the test."""
    logs, started = [], []

    def start(*arguments, **options):
        logs.append(tmp_path / f"memcheck-{len(logs)}")
        program = memcheck.command(helper.BINARY, logs[-1])
        started.append(panne(*arguments, **options, program=program))
        return started[-1]

    yield start
    for proxy in started:
        proxy.finish()
    said = [log.read_text() for log in logs]
    assert [problem for text in said for problem in memcheck.complaints(text)] == [], "\n".join(said)


def asks(through, path, statuses):
    """One client: half of its requests on new connections. What breaks is begun anew."""
    client = None
    for number in range(REQUESTS):
        try:
            client = client or through.client(within=SLOW)
            got = client.fetch("GET", f"{path}?{number}")
        except OSError:
            got = None
        statuses.append(got.status if got else None)
        if client and (got is None or not got.whole or client.ended or number % 2):
            client.close()
            client = None
    if client:
        client.close()


def load(through, path="/json"):
    statuses = []
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        for done in [pool.submit(asks, through, path, statuses) for _ in range(CLIENTS)]:
            done.result()
    assert len(statuses) == CLIENTS * REQUESTS
    return statuses


def reloads(proxy):
    return [event for event in events(proxy, "phase") if event["why"] == "reload"]


def port_of(nginx, kind):
    return nginx.http_port if kind == "plain" else nginx.https_port


@pytest.mark.parametrize("kind", Way.ALL)
def test_traffic_leaves_nothing(way, nginx, kind):
    through = way(kind, port=port_of(nginx, kind))
    assert set(load(through)) == {200}
    assert len([event for event in wait_requests(through.panne, CLIENTS * REQUESTS, SLOW)
                if event["method"] == "GET"]) == CLIENTS * REQUESTS
    assert through.panne.stop(within=SLOW) == 0


@pytest.mark.parametrize("kind", Way.ALL)
def test_faults_leave_nothing(way, nginx, scenario, kind):
    through = way(kind, port=port_of(nginx, kind), scenario=scenario(FAULTS), options=("--seed", 3))
    statuses = load(through)
    assert {200, 503, None} <= set(statuses)
    assert through.panne.stop(within=SLOW) == 0
    assert {event["kind"] for event in events(through.panne, "fault")} == \
        {"error", "reset", "hang", "latency", "flood"}


def test_clients_that_give_up_leave_nothing(way, scenario):
    """In a hang, in a head, in a body that nobody reads."""
    hanging = scenario(SERVICES % "silence" + "      - {service: any, hang: {at: head}}\n")
    through = way("tls", ForEver([read_head(), answer(b"x" * 1000000)]), scenario=hanging)
    for _ in range(5):
        with through.client(within=SLOW) as client:
            client.ask()
            client.send(b"GET /half HTTP/1.1\r\nHo")
    assert through.panne.stop(within=SLOW) in (0, 4)


@pytest.mark.parametrize("workers", [1, 2])
def test_reloads_and_a_drain_under_load_leave_nothing(way, nginx, scenario, workers):
    path = scenario(FAULTS)
    through = way("plain", port=nginx.http_port, scenario=path, options=("--workers", workers))
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        loading = pool.submit(load, through)
        for number in range(3):
            wait_requests(through.panne, 30 * (number + 1), SLOW)
            path.write_text(FAULTS.replace("name: all", f"name: again-{number}"))
            through.panne.send(signal.SIGHUP)
            wait_until(lambda: len(reloads(through.panne)) > number, SLOW, "the reload")
        loading.result()
        loading = pool.submit(load, through)
        wait_requests(through.panne, CLIENTS * REQUESTS + 50, SLOW)
        assert through.panne.stop(within=SLOW) == 0
        loading.result()
    assert [event["name"] for event in reloads(through.panne)] == ["again-0", "again-1", "again-2"]
    assert events(through.panne, "end")[0]["lost"] == 0
