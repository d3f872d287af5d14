"""COMMAND within a run: its end, its signals, its repeats; and the run on a terminal."""
import os
import signal
import subprocess
import sys

import pytest

from panne import BINARY, wait_until
from test_command import FAILING, REVERSE, THREE


def python(code):
    """A COMMAND that runs here and now."""
    return ("--", sys.executable, "-c", code)


ASK = """
import os, sys, urllib.request
for count in range(int(sys.argv[1]) if len(sys.argv) > 1 else 1):
    try:
        print(urllib.request.urlopen("http://api.example.com/api/x", timeout=10).status)
    except urllib.error.HTTPError as problem:
        print(problem.code)
"""


def test_command_goes_through_the_proxy(panne, scenario):
    proxy = panne("run", scenario(FAILING), "--upstream", "embedded", *python(ASK))
    assert proxy.wait() == 0
    assert proxy.stdout == "503\n"
    assert [event["what"] for event in proxy.log() if event["event"] == "command"] == [
        "started", "ended"]


@pytest.mark.parametrize("code, status", [
    ("", 4), ("raise SystemExit(7)", 1), ("import os; os.kill(os.getpid(), 9)", 1)])
def test_the_end_of_command_is_the_end(panne, scenario, code, status):
    proxy = panne("run", scenario(FAILING), *python(code))
    assert proxy.wait() == status


def test_a_command_that_goes_past_the_proxy_is_told_how_not_to(panne, scenario):
    past = panne("run", scenario(FAILING), *python(""))
    assert past.wait() == 4
    assert "COMMAND sent nothing through here" in past.stderr and "PANNE_URL" in past.stderr
    through = panne("run", scenario(FAILING), "--upstream", "embedded", *python(
        ASK.replace("/api/x", "/elsewhere")))
    assert through.wait() == 4
    assert "sent nothing" not in through.stderr


def test_a_command_that_does_not_exist(panne):
    proxy = panne("run", "calm", "--", "no-such-program")
    assert proxy.wait() == 3
    assert "no-such-program cannot be started" in proxy.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_are_passed_to_command(panne, number):
    proxy = panne("run", "calm", *python(
        f"import signal; signals = {{{int(number)}}}\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, signals)\n"
        "print('here', flush=True); signal.sigwait(signals)"))
    wait_until(lambda: "here" in proxy.stdout, 10, "COMMAND")
    proxy.send(number)
    assert proxy.wait(5) == 0


def test_command_is_repeated_until_the_timeline_ends(panne, scenario):
    three = THREE.replace("LENGTH", "1500ms").replace("/status/**", "/api/**")
    proxy = panne("run", scenario(three), "--upstream", "embedded", "--repeat", *python(ASK))
    assert proxy.wait() == 0
    started = [event for event in proxy.log()
               if event["event"] == "command" and event["what"] == "started"]
    assert len(started) > 2
    assert "503" in proxy.stdout


def test_a_command_that_never_matches_is_not_repeated_for_ever(panne, scenario):
    proxy = panne("run", scenario(FAILING), "--repeat", *python(""))
    assert proxy.wait() == 4


def test_command_finds_a_listener(panne):
    proxy = panne("run", "calm", *REVERSE, *python("import os; print(os.environ['PANNE_URL'])"))
    assert proxy.wait() == 0
    assert proxy.stdout == proxy.url() + "\n"


def test_the_picture_on_a_terminal(tmp_path, environment, scenario):
    """A terminal gets a picture that is taken away at the end; Enter leads on with --step."""
    ours, theirs = os.openpty()
    with subprocess.Popen(
            ["setsid", "--ctty", "--wait", BINARY, "run",
             scenario(THREE.replace("LENGTH", "1h")), *REVERSE, "--step"],
            stdin=theirs, stdout=subprocess.DEVNULL, stderr=theirs, cwd=tmp_path,
            env={**environment, "TERM": "xterm"}) as process:
        os.close(theirs)
        said = b""
        for expected in (b"waiting", b"1/3", b"2/3", b"3/3", b"0 requests ("):
            while expected not in said:
                said += os.read(ours, 65536)
            os.write(ours, b"\n")
        assert process.wait(10) == 4
    os.close(ours)
    assert b"\x1b[" in said
