"""`panne explain`: the engine, asked again, agrees with every log, and not with a forged one."""
import concurrent.futures
import http.client
import signal
import socket
import threading

import pytest
import requests

from explained import LIMITED, LIMITS, MANY, OPENINGS, REVERSE, requests_of, storm
from origins import ForEver, answer, read, read_head, send
from panne import wait_until
from ways import Way


@pytest.fixture
def agrees(command):
    """Explain the log of a run that has ended: all the same, and so many faults at least."""
    def check(proxy, faults=1):
        done = command("explain", proxy.log_file)
        assert done.returncode == 0, done.stdout + done.stderr
        decided = [event for event in requests_of(proxy) if "phase" in event]
        count = len(decided) + sum(event["event"] == "opening" for event in proxy.log())
        assert done.stdout == (f"{count:,} decision{'s' * (count != 1)}, "
                               "all the same\n")
        hit = sum(event["event"] == "fault" for event in proxy.log())
        assert hit >= faults, "the scenario did something"
        return decided
    return check


@pytest.mark.workers
@pytest.mark.parametrize("options", [
    (),
    ("--client-by", "header:X-Client"),
    ("--log-queries", "--seed", "12"),
    ("--phase", "second"),
    ("--from", "20s", "--until", "1m30s"),
], ids=["plain", "client-by", "queries", "phase", "from"])
def test_agrees_with_a_storm(panne, scenario, agrees, options):
    proxy = panne("run", scenario(MANY), *REVERSE, "--workers", "2", "--speed", "40",
                  "--floor", "1s", *options)
    stopped = threading.Event()

    def drive():
        seed = 0
        while not stopped.is_set():
            seed += 1
            try:
                storm(proxy, rounds=40, seed=seed)
            except OSError:
                return

    driver = threading.Thread(target=drive)
    driver.start()
    try:
        proxy.wait()
    finally:
        stopped.set()
        driver.join()
    decided = agrees(proxy, faults=50)
    wanted = {"second"} if "--phase" in options else {"first", "second"}
    assert {event["phase"] for event in decided} == wanted
    if "--client-by" in options:
        assert {event["client"] for event in decided} >= {"client-1", "client-2", "client-3"}


@pytest.mark.workers
def test_agrees_with_the_tesla_outage(panne, agrees):
    proxy = panne("run", "tesla-2021", *REVERSE, "--workers", "2", "--speed", "3000",
                  "--floor", "500ms", "--from", "20m")
    stopped = threading.Event()

    def drive():
        while not stopped.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", proxy.port(), timeout=0.3)
            try:
                for path in ("/api/1/vehicles", "/oauth2/v3/token", "/static/key"):
                    connection.request("GET", path)
                    connection.getresponse().read()
            except (OSError, http.client.HTTPException):
                pass
            finally:
                connection.close()

    drivers = [threading.Thread(target=drive) for _ in range(16)]
    for driver in drivers:
        driver.start()
    try:
        proxy.wait()
    finally:
        stopped.set()
        for driver in drivers:
            driver.join()
    assert len({event["phase"] for event in agrees(proxy, faults=100)}) > 5


@pytest.mark.parametrize("step", [("--step",), ()], ids=["held", "skipped"])
def test_agrees_with_steps(panne, scenario, agrees, step):
    proxy = panne("run", scenario(MANY), *REVERSE, "--speed", "2", *step)
    storm(proxy, rounds=20)
    proxy.send(signal.SIGUSR1)
    proxy.wait_log(lambda event: event["event"] == "phase" and event["why"] == "step")
    storm(proxy, rounds=20, seed=2)
    proxy.stop()
    assert [event["phase"] for event in agrees(proxy)][-1] == "second"


def test_agrees_with_a_reload(panne, scenario, agrees):
    path = scenario(MANY)
    proxy = panne("run", path, *REVERSE)
    storm(proxy, rounds=20)
    held = http.client.HTTPConnection("127.0.0.1", proxy.port(), timeout=30)
    held.putrequest("POST", "/api/held")
    held.putheader("Content-Length", "2")
    held.endheaders()
    held.send(b"x")
    path.write_text(MANY.replace("30%, when", "90%, when"))
    wait_until(lambda: proxy.sockets(), 5)
    proxy.send(signal.SIGHUP)
    proxy.wait_log(lambda event: event["event"] == "phase" and event["why"] == "reload")
    held.send(b"x")
    held.getresponse().read()
    held.close()
    storm(proxy, rounds=20, seed=2)
    proxy.stop()
    decided = agrees(proxy)
    assert {event["generation"] for event in decided} == {0, 1}
    late = next(event for event in decided if event["path"] == "/api/held")
    assert late["generation"] == 0, "it keeps what decided on it"


def test_agrees_with_a_rotated_log_put_together(panne, scenario, command):
    path = scenario(MANY)
    proxy = panne("run", path, *REVERSE)
    storm(proxy, rounds=10)
    old = proxy.log_file.with_suffix(".1")
    proxy.log_file.rename(old)
    proxy.send(signal.SIGHUP)
    proxy.wait_log(lambda event: event["event"] == "phase" and event["why"] == "reload")
    storm(proxy, rounds=10, seed=2)
    proxy.stop()
    first = command("explain", old)
    assert (first.returncode, first.stdout.splitlines()[-1]) == (4, "the log is not whole")
    assert command("explain", proxy.log_file).returncode == 0
    whole = command("explain", "-", stdin=old.read_text() + proxy.log_file.read_text())
    assert whole.returncode == 0, whole.stdout + whole.stderr


TUNNELS = """
panne: 1
seed: 3
services:
  methods: {match: {method: "*"}}
  local: {match: {host: 127.0.0.1}}
phases:
  - name: bad
    faults:
      - {service: local, latency: 5ms, share: 60%}
      - {service: local, error: 500}
      - {service: local, reset: request, share: 30%}
"""


@pytest.mark.parametrize("options", [(), ("--passthrough", "127.0.0.1")], ids=["seen", "named"])
def test_agrees_with_tunnels(panne, scenario, agrees, origin, options):
    server = origin(ForEver([read(5), send(b"world")]))
    proxy = panne("run", scenario(TUNNELS), "--forward", "127.0.0.1:0", *options)
    for _ in range(12):
        with socket.create_connection(("127.0.0.1", proxy.port()), timeout=20) as client:
            client.sendall(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: x\r\n\r\n" % server.port)
            try:
                assert client.recv(4096)
                client.sendall(b"\0\1\2\3\4")
                client.recv(4096)
            except OSError:
                pass  # a reset
    proxy.stop()
    tunnels = [event for event in agrees(proxy) if event["method"] == "CONNECT"]
    assert len(tunnels) == 12 and {event["service"] for event in tunnels} == {"local"}


BODIES = """
panne: 1
seed: 5
vars: {rate: 20%}
services:
  run: {match: {body: {form: {Action: "Run*"}}}}
  api: {match: {}}
phases:
  - name: bad
    faults:
      - {service: run, error: 500, share: "${rate}", when: {body: {text: "**force**"}}}
      - {service: api, error: 503, share: 40%}
"""


def test_agrees_with_bodies_and_vars(panne, scenario, agrees):
    path = scenario(BODIES)
    proxy = panne("run", path, *REVERSE, "--set", "rate=70%")
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port(), timeout=30)
    for number in range(60):
        body = ("Action=Run", "Action=RunAll&force=1", "Action=Stop&force=1")[number % 3]
        connection.request("POST", "/", body,
                           {"Content-Type": "application/x-www-form-urlencoded"})
        connection.getresponse().read()
    connection.close()
    proxy.stop()
    assert {event["service"] for event in agrees(proxy, faults=10)} == {"run", "api"}
    assert "force" not in "".join(proxy.log_file.read_text().splitlines()[1:])


@pytest.mark.workers
@pytest.mark.parametrize("workers", ["1", "2"])
def test_agrees_on_limits(panne, scenario, agrees, workers):
    proxy = panne("run", scenario(LIMITS), *REVERSE, "--workers", workers, "--client-by",
                  "header:X-Client", "--service", "local=*")
    storm(proxy, rounds=250)
    proxy.stop()
    decided = agrees(proxy, faults=100)
    turns = [event["turn"] for event in proxy.log() if "turn" in event]
    assert sorted(turns) == list(range(1, len(turns) + 1)) and turns != sorted(turns)
    limits = {event["rule"] for event in proxy.log() if event.get("kind") == "ratelimit"}
    assert limits == {"bad#2", "bad#3", "bad#4"}
    assert any(event["faults"] == 0 for event in decided)
    assert any(event["event"] == "opening" and event["turn"] > 0 for event in proxy.log())


@pytest.mark.parametrize("kind", Way.ALL)
def test_agrees_on_limits_on_all_ways(way, scenario, agrees, kind):
    through = way(kind, ForEver([read_head(), answer()]), scenario=scenario(LIMITED))
    for _ in range(4):
        with requests.Session() as session:
            for _ in range(2):
                session.get(through.base + "/a", timeout=10, **through.requests)
    through.panne.stop()
    assert len(agrees(through.panne)) >= 8


def test_a_limit_begins_anew_with_a_reload(panne, scenario, agrees):
    path = scenario(LIMITED)
    proxy = panne("run", path, *REVERSE)
    for _ in range(2):
        storm(proxy, rounds=10)
        proxy.send(signal.SIGHUP)
        proxy.wait_log(lambda event: event["event"] == "phase" and event["why"] == "reload")
    storm(proxy, rounds=10)
    proxy.stop()
    assert {event["turn"] for event in agrees(proxy) if event["generation"] > 0} >= {1, 2}


def test_a_limit_in_words(panne, scenario, command):
    proxy = panne("run", scenario(LIMITED), *REVERSE)
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port(), timeout=30)
    got = []
    for _ in range(4):
        connection.request("GET", "/a")
        answer_to = connection.getresponse()
        answer_to.read()
        got.append(answer_to.status)
    connection.close()
    proxy.stop()
    assert got[2:] == [429, 429] and 429 not in got[:2]
    said = [command("explain", proxy.log_file, "--request", number).stdout for number in "14"]
    assert "; it lets this one pass\n" in said[0] and "the log does not have it" not in said[0]
    assert "; touched 1\n" in said[1] and "lets this one" not in said[1]


@pytest.mark.workers
@pytest.mark.parametrize("ways_in", [REVERSE, ("--forward", "127.0.0.1:0")],
                         ids=["reverse", "forward"])
def test_agrees_on_connections(panne, scenario, agrees, origin, ways_in):
    server = origin(*[ForEver([read_head(), answer()])] * 2)
    proxy = panne("run", scenario(OPENINGS), *ways_in, "--workers", "2", "--service",
                  "local=*")

    def go(number):
        connection = http.client.HTTPConnection("127.0.0.1", proxy.port(), timeout=30)
        try:
            for _ in range(number % 3 + 1):
                connection.request("GET", f"http://127.0.0.1:{server.port}/a"
                                   if ways_in[0] == "--forward" else "/a")
                connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(go, range(80)))
    proxy.stop()
    done = [event for event in proxy.log() if event["event"] in ("request", "opening")]
    assert sum(event["event"] == "opening" for event in done) == 80
    agrees(proxy, faults=40)


def test_agrees_with_a_wrapped_run_and_bound_services(panne, scenario, agrees, origin):
    server = origin(ForEver([read_head(), answer()]))
    path = scenario(MANY.replace("tenant: {match: {", "tenant: {match: {host: nowhere.test, "))
    proxy = panne("run", path, "--service", f"tenant=127.0.0.1:{server.port}", "--seed", "5",
                  "--", "sh", "-c",
                  f"for i in 1 2 3 4 5 6; do curl -s -H 'X-Tenant: acme' "
                  f"http://127.0.0.1:{server.port}/api/$i?a=1; "
                  f"curl -s -H 'X-Try: 1' http://127.0.0.1:{server.port}/get; done; exit 0")
    proxy.wait()
    assert {event["service"] for event in agrees(proxy)} == {"tenant", "api"}


WHY = """
panne: 1
seed: 11
services:
  other: {match: {host: other.test}}
  keyed: {match: {header: {x-key: secret-value}}}
  api: {match: {path: /**}}
  calm: {match: {path: /calm/**}, stays-up: true}
phases:
  - name: down
    lasts: 2h
    faults:
      - {service: other, error: 500}
      - {service: api, error: 501, when: {method: POST}}
      - {service: api, error: 502, when: {query: {token: "t*"}}}
      - {service: api, error: 503, nth: 5..}
      - {service: api, latency: 5ms, share: 0% -> 0.1%}
      - {service: api, mix: [{share: 100%, error: 504}]}
      - {service: api, error: 505, latency: 1s}
"""


def test_a_request_in_words(panne, scenario, command, origin):
    proxy = panne("run", scenario(WHY), "--forward", "127.0.0.1:0")
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port(), timeout=30)
    connection.request("GET", "http://api.test/a?token=secret", headers={"X-Key": "none"})
    assert connection.getresponse().status == 504
    connection.close()
    proxy.stop()
    assert "secret" not in "".join(line for line in proxy.log_file.read_text().splitlines()[1:])
    done = command("explain", proxy.log_file, "--request", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("exchange 1 (line ") and lines[0].endswith("GET /a of 127.0.0.1")
    assert lines[1] == "  outcome: made, status 504"
    assert lines[2].startswith("  decided: 0s after the timeline's start, 0s of scenario time into "
                               "phase down (of 2h)")
    assert lines[3:9] == [
        "  not service other: host api.test is not other.test",
        "  not service keyed: header x-key: secret-value was not met",
        "  service api: path /a (/**)",
        "  ordinal 0, from 0: its place among the exchanges of this client and operation",
        "  rule down#1: not concerned: it is on other",
        "  rule down#2: not concerned: method GET is not POST",
    ]
    text = "\n".join(lines[9:])
    assert "  rule down#4: not concerned: it is number 1, and nth is 5..\n" in text
    assert " against 0 (0% -> 0.1%, at this moment): not hit\n" in text
    assert " against 1 (100%): hit\n      error: " in text
    assert "; touched 1\n  rule down#7: " in text
    assert "; shadowed: another fault in front of it answers\n      latency: " in text
    assert text.endswith("\n\n1 decision, all the same")
