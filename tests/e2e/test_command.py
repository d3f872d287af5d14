"""The command itself: usage, exit statuses, readiness, signals, phases, reload, log."""
import json
import signal
import socket
import threading
import urllib.parse

import pytest
import requests

from panne import wait_until
from ways import wait_requests

FAILING = """
panne: 1
title: Everything fails
seed: 7
services:
  api: {match: {path: /api/**}}
phases:
  - name: down
    faults:
      - {service: api, error: 503, share: 100%}
"""

THREE = """
panne: 1
title: Three phases
services:
  api: {match: {path: /status/**}}
phases:
  - {name: before, lasts: LENGTH}
  - name: during
    lasts: LENGTH
    faults:
      - {service: api, error: 503, share: 100%}
  - {name: after, lasts: LENGTH}
"""

REVERSE = ("--listen", "http://127.0.0.1:0", "--upstream", "embedded")


def status_of(url):
    """Of a request on a fresh connection."""
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, timeout=10).status_code


@pytest.mark.parametrize("arguments, said", [
    ([], "a command is missing"),
    (["rnu"], "there is no command rnu; did you mean run?"),
    (["run"], "run wants SCENARIO"),
    (["run", "calm", "extra", *REVERSE], "run does not take extra"),
    (["run", "calm"], "traffic needs a way in"),
    (["run", "calm", "--lisen", "x"], "unknown option --lisen; did you mean --listen?"),
    (["run", "calm", "--workers", "none", *REVERSE], "--workers wants a whole number"),
    (["run", "clam", *REVERSE], 'there is no scenario "clam"; did you mean calm?'),
    (["run", "calm", "--phase", "storm", *REVERSE], 'there is no phase "storm"'),
    (["run", "calm", "--seed", "x", *REVERSE], "--seed wants a number"),
    (["run", "calm", "--service", "nay=h", *REVERSE], "the scenario has no such service; did you mean any?"),
    (["run", "calm", "--forward", "0.0.0.0:0"], "--allow CIDR"),
    (["run", "calm", "--forward", "127.0.0.1:9", "--parent", "http://127.0.0.1:9"],
     "is our own listener"),
    (["run", "calm", "--route", "http://127.0.0.1:9=http://127.0.0.1:9"], "come back to our own"),
    (["check", "calm", "--", "true"], "check runs no COMMAND"),
    (["run", "calm", *REVERSE, "--"], "COMMAND is missing"),
    (["faults", "latncy"], "did you mean latency?"),
    (["faults", "throttle"], "did you mean ratelimit?"),
    (["checks", "amplificaton"], "did you mean amplification?"),
])
def test_wrong_usage(command, arguments, said):
    done = command(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.startswith("panne: ")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


@pytest.mark.parametrize("name", ["run", "check", "show", "list", "explain", "faults", "checks", "ca", "origin"])
def test_help_of_each_command(command, name):
    done = command(name, "--help")
    assert done.returncode == 0
    assert done.stdout.startswith(f"usage: panne {name}")
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    assert f"  {name} " in command("--help").stdout


def test_version(command):
    assert command("--version").stdout.startswith("panne ")
    assert command("run", "-V").stdout.startswith("panne ")


def test_check_tells_every_problem_with_its_place(command, scenario):
    good = scenario(FAILING, "good.yaml")
    bad = scenario("panne: 1\ntitel: x\nphases: []\n", "bad.yaml")
    done = command("check", good, bad, "calm")
    assert done.returncode == 2
    assert f"{good}: ok\n" in done.stdout and "calm.yaml: ok\n" in done.stdout
    assert f"{bad}:2:1: " in done.stderr and "title" in done.stderr
    assert command("check", good).returncode == 0


def test_show_list_and_faults(command):
    shown = command("show", "tesla-2021", "--color", "never")
    assert shown.returncode == 0 and "verbosity" in shown.stdout and "\x1b" not in shown.stdout
    assert "\x1b" in command("show", "tesla-2021", "--color", "always").stdout
    listed = command("list")
    assert listed.returncode == 0
    names = [line.split()[0] for line in listed.stdout.split("\n\n")[0].splitlines()]
    assert names == sorted(names)
    assert "calm" in listed.stdout and "The Tesla app" in listed.stdout
    kinds = [line for line in command("faults").stdout.splitlines() if "  " in line]
    assert len({line.rindex("  ") for line in kinds}) == 1 and max(map(len, kinds)) <= 80
    assert {"latency", "handshake-stall", "certificate"} < {line.split()[0] for line in kinds}
    assert "p99" in command("faults", "latency").stdout


def test_checks(command):
    lines = command("checks").stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert any(line.startswith("amplification ") for line in lines)
    told = command("checks", "amplification").stdout
    assert "at-most\n" in told and "strict: at-most 1.1" in told and max(map(len, told.splitlines())) <= 80


@pytest.mark.parametrize("part", ["options", "faults", "checks", "events", "env"])
def test_parts_of_the_manual(command, part):
    done = command("manual", part)
    assert done.returncode == 0
    assert done.stdout.count(".Bl ") == done.stdout.count("\n.El") >= 1


def test_ready_file_and_lines(panne, tmp_path):
    path = tmp_path / "front.sock"
    proxy = panne("run", "calm", *REVERSE, "--route", f"unix:{path}=http://127.0.0.1:9",
                  "--forward", "0")
    assert proxy.ready["pid"] == proxy.pid
    kinds = [each["kind"] for each in proxy.ready["listeners"]]
    assert kinds == ["reverse", "reverse", "forward", "origin"]
    assert proxy.url(index=1) == f"unix:{path}"
    assert proxy.ready["listeners"][1]["upstream"] == "http://127.0.0.1:9"
    for each in proxy.ready["listeners"]:
        assert f"listening on {each['url']} ({each['kind']}" in proxy.stdout
    assert proxy.stdout.endswith("ready\n")
    assert status_of(proxy.url() + "/status/204") == 204
    assert proxy.stop() == 0
    logged = [event["url"] for event in proxy.log() if event["event"] == "listen"]
    assert logged == [each["url"] for each in proxy.ready["listeners"]]
    assert not path.exists()


def test_quiet_says_nothing(panne):
    proxy = panne("run", "calm", *REVERSE, "--quiet")
    assert status_of(proxy.url() + "/") == 200
    assert proxy.stop() == 0
    assert proxy.stdout == "" and proxy.stderr == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_calm_ends_with_0(panne, number):
    proxy = panne("run", "calm", *REVERSE)
    assert proxy.stop(number) == 0
    assert "0 requests" in proxy.stderr


def test_faults_that_touch_nothing_are_inconclusive(panne, scenario):
    proxy = panne("run", scenario(FAILING), *REVERSE)
    assert status_of(proxy.url() + "/elsewhere") in (200, 404)
    assert proxy.stop() == 4
    assert "inconclusive" in proxy.stderr
    assert proxy.log()[-1]["exit"] == 4


def test_faults_that_touch_something_end_with_0(panne, scenario):
    proxy = panne("run", scenario(FAILING), *REVERSE)
    assert status_of(proxy.url() + "/api/x") == 503
    assert proxy.stop() == 0


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_log_stands_alone(panne, scenario, workers):
    path = scenario(FAILING)
    proxy = panne("run", path, *REVERSE, "--workers", workers, "--service", "api=127.0.0.1")
    assert status_of(proxy.url() + "/api/x") == 503
    assert proxy.stop() == 0
    log = proxy.log()
    assert log[0]["event"] == "run" and log[0]["text"] == path.read_text()
    assert log[0]["seed"] == "7" and log[0]["speed"] == 1 and log[0]["workers"] == int(workers)
    assert log[0]["services"] == "api=127.0.0.1"
    assert [event["seq"] for event in log] == list(range(len(log)))
    assert log[-1]["event"] == "end" and log[-1]["lost"] == 0 and log[-1]["requests"] == 1
    phase, = [event for event in log if event["event"] == "phase"]
    assert phase["name"] == "down" and phase["why"] == "start"


def test_a_taken_port(panne):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = "http://127.0.0.1:%d" % taken.getsockname()[1]
        proxy = panne("run", "calm", "--listen", url, "--upstream", "embedded", ready=False)
        assert proxy.wait() == 3
        assert "Address already in use" in proxy.stderr


@pytest.mark.parametrize("option, value, said", [
    ("--log", "no/such/folder/log", "No such file"),
    ("--ready-file", "no/such/folder/ready", "No such file"),
    ("--cert", "no-such.pem", "no-such.pem"),
    ("--upstream-ca", "no-such.pem", "no-such.pem"),
])
def test_files_that_cannot_be_had(panne, option, value, said):
    proxy = panne("run", "calm", *REVERSE, option, value, ready=False)
    assert proxy.wait() == 3
    assert said in proxy.stderr


def test_a_full_disk_is_not_silent(panne):
    proxy = panne("run", "calm", *REVERSE, "--log", "/dev/full")
    assert status_of(proxy.url() + "/") == 200
    assert proxy.stop() == 3
    assert "No space left" in proxy.stderr and "the log is not whole" in proxy.stderr


def test_log_on_stdout_is_nothing_but_log(panne):
    proxy = panne("run", "calm", *REVERSE, "--log", "-")
    assert proxy.stop() == 0
    events = [json.loads(line)["event"] for line in proxy.stdout.splitlines()]
    assert events[0] == "run" and events[-1] == "end"
    assert "ready\n" in proxy.stderr


def test_the_timeline_starts_with_the_first_match_and_ends_the_run(panne, scenario):
    proxy = panne("run", scenario(THREE.replace("LENGTH", "200ms")), *REVERSE)
    assert status_of(proxy.url() + "/delay/250") == 200
    assert status_of(proxy.url() + "/status/200") == 200
    started = proxy.wait_log(lambda event: event["event"] == "phase")
    assert wait_requests(proxy, 1)[0]["seq"] < started["seq"], "what matches nothing starts nothing"
    wait_until(lambda: status_of(proxy.url() + "/status/200") == 503, 5, "the outage")
    assert proxy.wait() == 0
    phases = [event for event in proxy.log() if event["event"] == "phase"]
    assert [phase.get("name", "") for phase in phases] == ["before", "during", "after", ""]
    assert [phase["why"] for phase in phases] == ["start", "time", "time", "end"]
    for place, phase in enumerate(phases):
        assert 0 <= phase["time"] - started["time"] - 0.2 * place < 0.1
    assert "phase 2/3 during for 200ms" in proxy.stderr
    assert proxy.log()[-1]["why"].startswith("the timeline has ended")


def test_the_timeline_may_start_at_once(panne, scenario):
    proxy = panne("run", scenario(THREE.replace("LENGTH", "3s")), *REVERSE, "--start", "now",
                  "--speed", "20", "--floor", "0")
    assert proxy.wait() == 4
    assert [event["why"] for event in proxy.log() if event["event"] == "phase"][0] == "start"


def test_one_phase_alone(panne, scenario):
    proxy = panne("run", scenario(THREE.replace("LENGTH", "300ms")), *REVERSE,
                  "--phase", "during")
    assert status_of(proxy.url() + "/status/200") == 503
    assert proxy.wait() == 0


def test_steps(panne, scenario):
    proxy = panne("run", scenario(THREE.replace("LENGTH", "50ms")), *REVERSE, "--step")
    for status in (200, 503, 200):
        assert status_of(proxy.url() + "/status/200") == status
        assert status_of(proxy.url() + "/delay/60") == 200, "by then, a phase would have ended"
        assert status_of(proxy.url() + "/status/200") == status
        count = len([event for event in proxy.log() if event["event"] == "phase"])
        proxy.send(signal.SIGUSR1)
        proxy.wait_log(lambda event, seen=count: len(
            [each for each in proxy.log() if each["event"] == "phase"]) > seen)
    assert proxy.wait() == 0
    phases = [event["why"] for event in proxy.log() if event["event"] == "phase"]
    assert phases == ["start", "step", "step", "end"]


def refuses(proxy):
    """Its listener is closed: the drain has begun."""
    host, port = urllib.parse.urlsplit(proxy.url()).netloc.split(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except (ConnectionRefusedError, ConnectionResetError):  # the latter while it is being closed
        return True
    return False


def slow_request(proxy, path, answers):
    """A request that is on its way: the client's socket, and both ends of that to the origin."""
    before, url = proxy.sockets(), proxy.url() + path

    def ask():
        try:
            answers.append(status_of(url))
        except requests.RequestException as problem:
            answers.append(problem)
    thread = threading.Thread(target=ask)
    thread.start()
    wait_until(lambda: proxy.sockets() >= before + 3, 5, "the request has reached the origin")
    return thread


def test_exchanges_finish_while_draining(panne):
    proxy = panne("run", "calm", *REVERSE)
    answers = []
    thread = slow_request(proxy, "/delay/600", answers)
    proxy.send(signal.SIGTERM)
    wait_until(lambda: refuses(proxy), 5, "new connections are refused")
    assert not answers
    thread.join()
    assert answers == [200]
    assert proxy.wait() == 0


def test_a_second_signal_ends_at_once(panne):
    proxy = panne("run", "calm", *REVERSE)
    answers = []
    thread = slow_request(proxy, "/delay/20000", answers)
    proxy.send(signal.SIGTERM)
    wait_until(lambda: refuses(proxy), 5, "new connections are refused")
    assert proxy.status is None
    proxy.send(signal.SIGTERM)
    assert proxy.wait(2) == 0
    thread.join()
    assert answers != [200]


def test_draining_has_an_end(panne):
    proxy = panne("run", "calm", *REVERSE, "--drain-timeout", "300ms")
    answers = []
    thread = slow_request(proxy, "/delay/20000", answers)
    proxy.send(signal.SIGTERM)
    assert proxy.wait(3) == 0
    thread.join()


def test_reload(panne, scenario):
    path = scenario(FAILING)
    proxy = panne("run", path, *REVERSE)
    assert status_of(proxy.url() + "/api/x") == 503
    scenario(FAILING.replace("503", "418"))
    proxy.send(signal.SIGHUP)
    proxy.wait_log(lambda event: event["event"] == "phase" and event["why"] == "reload")
    assert status_of(proxy.url() + "/api/x") == 418
    scenario("panne: 1\nphasis: []\n")
    proxy.send(signal.SIGHUP)
    proxy.wait_log(lambda event: event["event"] == "trouble" and event["what"] == "reload-failed")
    assert status_of(proxy.url() + "/api/x") == 418
    assert f"{path}:2:1: " in proxy.stderr
    assert proxy.stop() == 0
    texts = [event["text"] for event in proxy.log() if event["event"] == "run"]
    assert texts == [FAILING, FAILING.replace("503", "418")]


def test_the_log_may_be_rotated(panne):
    proxy = panne("run", "calm", *REVERSE)
    assert status_of(proxy.url() + "/before") in (200, 404)
    proxy.wait_log(lambda event: event["event"] == "request")
    old = proxy.log_file.with_suffix(".1")
    proxy.log_file.rename(old)
    proxy.send(signal.SIGHUP)
    wait_until(proxy.log_file.exists, 5, "the new log")
    assert status_of(proxy.url() + "/after") in (200, 404)
    assert proxy.stop() == 0
    assert "/before" in old.read_text() and "/after" not in old.read_text()
    assert proxy.log()[0]["event"] == "run"
    assert "/after" in [event.get("path") for event in proxy.log()]
