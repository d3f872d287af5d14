"""`panne explain`: the engine, asked again, agrees with every log, and not with a forged one."""
import concurrent.futures
import http.client
import json
import random
import signal
import socket
import threading
import urllib.parse

import pytest

from origins import ForEver, answer, read, read_head, send
from panne import wait_until

REVERSE = ("--listen", "http://127.0.0.1:0", "--upstream", "embedded")

MANY = """
panne: 1
seed: 20211119
services:
  tenant: {match: {header: {x-tenant: [acme, "b*"]}}}
  second: {match: {query: {v: "2"}, path: /api/**}}
  ble: {match: {path: /static/**}, stays-up: true}
  api: {match: {path: /**}}
phases:
  - name: first
    lasts: 1m
    faults:
      - {service: api, error: 503, nth: 2..4}
      - {service: api, error: 500, share: 30%, when: {method: POST}}
      - {service: api, latency: 2ms, share: 40%, nth: "3..", when: {header: {x-try: "*"}}}
      - {service: tenant, latency: 3ms, share: 0% -> 100%, when: {query: {a: "1"}}}
      - {service: second, mix: [{share: 40%, error: 502}, {share: 30%, latency: 3ms}]}
  - name: second
    lasts: 1m
    faults:
      - {error: 500, share: {sine: {period: 5s, from: 0%, to: 100%}}, per: client}
      - {error: 504, share: {square: {high: 9s, low: 6s, share: 35%}}, per: operation}
      - {service: api, error: 501, share: 50%, per: connection}
      - {service: api, latency: 1ms, share: [0s 8%, 20s 90%], nth: 1..5}
"""

CLIENTS = ("a", "b", "c")


def ask(port, rng):
    """A few requests on one connection, of all sorts."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        for _ in range(rng.randint(1, 5)):
            fields = {"X-Client": rng.choice(CLIENTS)}
            if rng.random() < 0.4:
                fields["X-Tenant"] = rng.choice(["acme", "beta", "gamma"])
            if rng.random() < 0.5:
                fields["X-Try"] = "1"
            path = rng.choice(["/api/1", "/api/2", "/static/x", "/get"])
            query = rng.choice(["", "?v=2", "?a=1", "?a=1&v=2"])
            connection.request(rng.choice(["GET", "POST"]), path + query, headers=fields)
            connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        pass  # a fault
    finally:
        connection.close()


def storm(proxy, rounds=60, threads=16, seed=1):
    """`rounds` connections, 16 at a time."""
    port = proxy.port()
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda number: ask(port, random.Random(seed * 1000 + number)), range(rounds)))


def requests_of(proxy):
    return [event for event in proxy.log() if event["event"] == "request"]


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


OPENINGS = """
panne: 1
seed: 5
services:
  local: {match: {host: 127.0.0.1}}
  paths: {match: {path: /never}}
phases:
  - name: bad
    faults:
      - {service: local, refuse: {}, share: 30%, nth: 3..}
      - {service: local, accept-silence: 5ms, share: 50%}
      - {service: local, error: 500, share: 40%, per: connection}
      - {service: local, latency: 1ms, nth: 1..2}
"""


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


def test_a_forged_opening_is_found_out(panne, scenario, command, tmp_path):
    proxy = panne("run", scenario(OPENINGS), *REVERSE, "--service", "local=*")
    storm(proxy, rounds=20)
    proxy.stop()
    path = tmp_path / "forged.ndjson"
    lines = proxy.log_file.read_text().splitlines()
    for edit in ({"client_connection": 999}, {"ordinal": 999}, {"faults": 7}, {"service": ""}):
        path.write_text("\n".join(change(lines, lambda e: e["event"] == "opening" and e["faults"],
                                         lambda e: {**e, **edit})) + "\n")
        done = command("explain", path)
        assert done.returncode == 1 and "connection " in done.stdout, (edit, done.stdout)


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


@pytest.fixture
def recorded(panne, scenario):
    """The lines of a small run's log."""
    proxy = panne("run", scenario(MANY), *REVERSE)
    storm(proxy, rounds=12)
    proxy.stop()
    return proxy.log_file.read_text().splitlines()


def change(lines, condition, edit):
    """The same, with the first event for which the condition holds changed (None: left out)."""
    out, done = [], False
    for line in lines:
        event = json.loads(line)
        if not done and condition(event):
            done = True
            event = edit(event)
            line = json.dumps(event) if event else None
        out.append(line)
    assert done
    return [line for line in out if line]


def is_fault(event):
    return event["event"] == "fault"


def is_hit(event):
    return event["event"] == "request" and event["faults"] > 0


FORGERIES = {
    "a draw": (is_fault, lambda e: {**e, "draw": e["draw"] / 2}, "faults in the log"),
    "a share": (is_fault, lambda e: {**e, "share": 0.99}, "faults in the log"),
    "a rule": (is_fault, lambda e: {**e, "rule": "first#9"}, "first#9"),
    "a kind": (is_fault, lambda e: {**e, "kind": "hang"}, " hang "),
    "shadowed": (is_fault, lambda e: {**e, "shadowed": not e["shadowed"]}, "shadowed"),
    "a fault line": (is_fault, lambda e: None, "lines: 1 are missing"),
    "another seed": (lambda e: e["event"] == "run", lambda e: {**e, "seed": "8"}, "differences"),
    "another speed": (lambda e: e["event"] == "run", lambda e: {**e, "speed": 1e5, "floor_ms": 0.0},
                      "phase: the log says first, the engine second"),
    "another client": (is_hit, lambda e: {**e, "client": "10.0.0.1"}, "of 10.0.0.1"),
    "another path": (is_hit, lambda e: {**e, "path": "/elsewhere"}, "/elsewhere"),
    "another phase": (is_hit, lambda e: {**e, "phase": "second"},
                      "phase: the log says second, the engine first"),
    "another service": (is_hit, lambda e: {**e, "service": "nobody"},
                        "service: the log says nobody"),
    "another ordinal": (is_hit, lambda e: {**e, "ordinal": e["ordinal"] + 1}, "ordinal"),
    "no phase": (is_hit, lambda e: {**e, "phase": ""}, "something was decided"),
    "an unknown generation": (is_hit, lambda e: {**e, "generation": 7}, "no such scenario"),
    "a timeline that lags": (is_hit, lambda e: {**e, "timeline_s": -1.0}, "behind its decided_s"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_log_is_found_out(recorded, command, tmp_path, name):
    condition, edit, said = FORGERIES[name]
    path = tmp_path / "forged.ndjson"
    path.write_text("\n".join(change(recorded, condition, edit)) + "\n")
    done = command("explain", path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert said in done.stdout


def test_a_request_that_was_taken_out_and_renumbered_is_found_out(recorded, command, tmp_path):
    events = [json.loads(line) for line in recorded]
    seen = [event for event in events if event["event"] == "request" and event["ordinal"] == 0]
    later = {(event["method"], event["path"], event.get("service"))
             for event in events if event["event"] == "request" and event["ordinal"] > 0}
    victim = next(event for event in seen if (event["method"], event["path"],
                                              event.get("service")) in later)
    kept = [event for event in events if event.get("exchange") != victim["exchange"]]
    path = tmp_path / "forged.ndjson"
    path.write_text("".join(json.dumps({**event, "seq": number}) + "\n"
                            for number, event in enumerate(kept)))
    done = command("explain", path)
    assert done.returncode == 1 and "but has not the 1 before it" in done.stdout


def test_a_log_that_is_cut_short_is_inconclusive(recorded, command, tmp_path):
    path = tmp_path / "cut.ndjson"
    for keep in (len(recorded) - 1, len(recorded) // 2, len(recorded) // 3, 1):
        path.write_text("\n".join(recorded[:keep]) + "\n" + recorded[keep][:20])
        done = command("explain", path)
        assert done.returncode == 4, done.stdout + done.stderr
        assert "the log is not whole" in done.stdout


def test_lost_lines_are_no_disagreement(recorded, command, tmp_path):
    path = tmp_path / "lossy.ndjson"
    for victim in range(1, len(recorded) - 1):
        lines = recorded[:victim] + recorded[victim + 1:]
        path.write_text("\n".join(change(lines, lambda e: e["event"] == "end",
                                         lambda e: {**e, "lost": 1})) + "\n")
        done = command("explain", path)
        assert done.returncode == 4, recorded[victim] + done.stdout + done.stderr


@pytest.mark.parametrize("text, said", [
    ("", "no line of a log in it"),
    ("x\n", "line 1: not JSON"),
    ("{}\n", 'line 1: no object with an "event"'),
    ('{"event": "end", "seq": 0}\n', "line 1: the first line of a log tells what is run"),
    ('{"event": "run", "seq": -1}\n', 'line 1: "seq" wants a whole number'),
    ('{"event": "run", "seq": 0, "seed": 7}\n', 'line 1: "seed" wants a text'),
    ('{"event": "run", "seq": 0, "seed": "x"}\n', 'line 1: its "seed" is no number'),
    ('{"event": "run", "seq": 0, "seed": "7", "text": "panne: 2"}\n',
     "line 1: the scenario in it is not valid here: 1:8:"),
    ("x" * (9 << 20), "line 1: longer than any line of a log"),
], ids=["empty", "text", "object", "no run", "negative", "type", "seed", "scenario", "long"])
def test_what_is_no_log(command, tmp_path, text, said):
    path = tmp_path / "log"
    path.write_text(text)
    done = command("explain", path)
    assert done.returncode == 3 and said in done.stderr, done.stderr


def test_a_log_with_a_broken_line(recorded, command, tmp_path):
    path = tmp_path / "log"
    path.write_text("\n".join([*recorded[:3], "{", *recorded[3:]]) + "\n")
    done = command("explain", path)
    assert done.returncode == 3 and f"{path}: line 4: not JSON" in done.stderr
    path.write_text("\n".join([*recorded[:4], recorded[3], *recorded[4:]]) + "\n")
    done = command("explain", path)
    assert done.returncode == 3 and 'line 5: its "seq" is not above' in done.stderr
    changed = change(recorded, lambda e: e["event"] == "run",
                     lambda e: {**e, "text": e["text"].replace("30%", "31%")})
    path.write_text("\n".join(changed) + "\n")
    done = command("explain", path)
    assert done.returncode == 3 and "the scenario in it has been changed" in done.stderr


def test_a_log_that_is_not_there(command):
    done = command("explain", "nowhere.ndjson")
    assert done.returncode == 3 and "nowhere.ndjson cannot be read: No such file" in done.stderr
    done = command("explain")
    assert done.returncode == 2 and "explain wants LOG" in done.stderr


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


def test_a_request_that_is_not_there(recorded, command, tmp_path):
    path = tmp_path / "log"
    path.write_text("\n".join(recorded) + "\n")
    done = command("explain", path, "--request=999999")
    assert done.returncode == 2 and "there is no exchange 999999" in done.stderr
