"""The recipes: all are valid, listed, told of and installed, and each command of their page does what the
page says. What clients with a base URL see is in test_recipes_clients.py."""
import functools
import json
import os
import pathlib
import re
import shlex
import subprocess

import pytest

from panne import BINARY, ROOT, environment as environment_of_its_own
from ways import run

FILES = {path.stem: path for path in sorted((ROOT / "scenarios/recipes").glob("*.yaml"))}
PAGE = (ROOT / "man/panne-recipes.7").read_text()
BLOCKS = [block.replace("\\e", "\\") for block in re.findall(
    r"^\.Bd -literal -offset indent\n(.*?)^\.Ed$", PAGE, re.DOTALL | re.MULTILINE)]
TYPED = {re.match(r"panne run recipes/(\S+)", block)[1]: block
         for block in BLOCKS if block.startswith("panne run") and "-- \\\n" in block}


# All of them.

def test_there_are_enough_and_each_has_a_section_and_a_command():
    assert len(FILES) >= 10
    assert sorted(re.findall(r"^\.Ss (\S+)$", PAGE, re.MULTILINE)) == sorted(FILES)
    assert sorted(TYPED) == sorted(FILES)


@pytest.mark.parametrize("name", FILES)
def test_it_is_valid_and_can_be_drawn(name, command):
    for said in (command("check", f"recipes/{name}"), command("show", f"recipes/{name}")):
        assert (said.returncode, said.stderr) == (0, "")
    text = FILES[name].read_text()
    assert "\ntitle: " in text and "\nabout: >-" in text and "\nvars: " in text
    assert "host" not in re.sub(r"about: >-\n(  .*\n)+", "", text), "they match whatever the host"
    # What stands in the page has 11 columns before it on an 80 column terminal.
    assert all(len(line) <= 69 for line in text.split("\nvars: ")[1].splitlines())


@pytest.mark.parametrize("name", FILES)
def test_each_var_can_be_set_and_is_used(name, command):
    text = FILES[name].read_text()
    names = re.findall(r"([\w-]+): ", re.search(r"\nvars: \{(.*)\}\n", text)[1])
    assert names
    for each in names:
        assert "${%s}" % each in text
        if each in ("code", "body"):
            continue  # which may be any text
        done = command("check", "--set", f"{each}=#", f"recipes/{name}")
        assert done.returncode == 2, f"{each} takes anything"


def test_they_are_listed_in_a_group_of_their_own(command):
    alone, group = command("list").stdout.split("\n\n")
    assert "recipes/" not in alone and "tesla-2021" in alone
    assert [line.split()[0] for line in group.splitlines()[1:]] == [f"recipes/{name}" for name in FILES]


@pytest.mark.parametrize("typed, meant", [("flaky-5xx", "recipes/flaky-5xx"),
                                          ("recipes/flaky-5x", "recipes/flaky-5xx")])
def test_what_was_meant_is_said(typed, meant, command):
    done = command("check", typed)
    assert done.returncode == 2 and f"did you mean {meant}?" in done.stderr


def test_files_in_other_folders_are_files_still(command, scenario, tmp_path):
    (tmp_path / "recipes").mkdir()
    scenario(FILES["flaky-5xx"].read_text(), "recipes/mine")
    assert command("check", "recipes/mine").returncode == 0
    done = command("check", "elsewhere/flaky-5xx")
    assert done.returncode == 2 and "elsewhere/flaky-5xx" in done.stderr and "mean" not in done.stderr


def test_they_are_installed():
    """As make would do it: to do it might build the program anew."""
    done = run("make", "-n", "install", "DESTDIR=", "PREFIX=/usr", cwd=ROOT)
    [line] = [line for line in done.stdout.splitlines() if line.endswith("/usr/share/panne/scenarios/recipes")
              and line.startswith("install -m")]
    assert line.split()[3:-1] == [str(path.relative_to(ROOT)) for path in FILES.values()]
    assert "man/panne-recipes.7" in done.stdout


# As typed in the page.

def test_the_command_for_clients_with_a_base_url_opens_its_listener(panne):
    [block] = [block for block in BLOCKS if block.startswith("panne run") and block not in TYPED.values()]
    proxy = panne(*shlex.split(block.replace("\\\n", " ").replace(":8080", ":0"))[1:])
    assert proxy.ready["listeners"][0]["upstream"] == "https://api.example.com"
    assert proxy.stop() == 4  # nothing has been asked


@pytest.fixture(scope="module")
def typed(tmp_path_factory, data_home):
    """Run the command of the page, once; its status, and what it and the log say."""
    folder = tmp_path_factory.mktemp("typed")
    (folder / "bin").mkdir()
    (folder / "bin" / "panne").symlink_to(pathlib.Path(BINARY).resolve())
    env = {**environment_of_its_own(folder, data_home), "PANNE_SCENARIOS": str(ROOT / "scenarios"),
           "PATH": f"{folder / 'bin'}:/usr/bin:{os.environ['PATH']}"}

    @functools.cache
    def call(name):
        done = subprocess.run(["bash", "-c", TYPED[name]], cwd=folder, env=env, capture_output=True,
                              text=True, errors="replace", timeout=60, check=False)
        done.log = [json.loads(line) for line in (folder / "outage.ndjson").read_text().splitlines()]
        done.requests = [event for event in done.log if event["event"] == "request"]
        done.faults = [event for event in done.log if event["event"] == "fault" and event["exercised"]]
        assert done.faults, done.stderr
        return done
    return call


STATUSES = {  # of the requests, in order, as the client's retries make them
    "fail-twice-then-succeed": [503, 503, 200],
    "throttled-aws": [200, 200, 400, 400],
    "lost-answer": [0, 200],
    "endless-spinner": [0],
    "slow-drip": [200],
    "half-an-answer": [200],
    "flipped-bits": [200],
    "html-error-page": [502],
    "stale-answers": [200, 200],
    "redirect-loop": [302] * 6,
    "header-flood": [200],
    "swollen-answers": [200],
    "gzip-bomb": [200],
    "growing-cookies": [200, 200, 200, 200, 431, 431],
    "garbled-answers": [200],
    "empty-success": [200],
    "keep-alive-race": [200, 0, 200, 200],
    "expired-certificate": [],
}
CLIENT_FAILS = {"endless-spinner": 28, "slow-drip": 28, "half-an-answer": 18, "redirect-loop": 47,
                "header-flood": 1, "garbled-answers": 1,
                "expired-certificate": 60}
SAYS = {
    "throttled-aws": '"__type":"ThrottlingException"',
    "lost-answer": '{"order": 1}',
    "html-error-page": "Content-Type: text/html",
    "stale-answers": "Age: 3600",
    "header-flood": "got more than 100 headers",
    "swollen-answers": "151000",
    "gzip-bomb": "67109015",
    "garbled-answers": "Received HTTP/0.9",
    "empty-success": "\n\n{}",
    "growing-cookies": "200\n431\n",
    "expired-certificate": "certificate has expired",
}


@pytest.mark.parametrize("name", FILES)
def test_the_command_of_the_page(name, typed):
    done = typed(name)
    assert done.returncode == (1 if name in CLIENT_FAILS else 0), done.stderr
    ended = [event for event in done.log if event["event"] == "command" and event["what"] == "ended"]
    assert [event["status"] for event in ended] == [CLIENT_FAILS.get(name, 0)]
    if name in CLIENT_FAILS and CLIENT_FAILS[name] != 1:
        assert f"curl ends with status {CLIENT_FAILS[name]}" in section(name)
    if name in STATUSES:
        assert [event["status"] for event in done.requests] == STATUSES[name]
    assert SAYS.get(name, "") in done.stdout + done.stderr


def section(name):
    return PAGE.split(f".Ss {name}\n")[1].split("\n.Ss ")[0].replace("\n", " ")


@pytest.mark.parametrize("name, outcomes", [
    ("lost-answer", ["reset", "answered"]), ("keep-alive-race", ["answered", "closed"] + ["answered"] * 2),
    ("half-an-answer", ["cut"]), ("stale-answers", ["answered", "made"])])
def test_the_outcomes_that_the_page_names(name, outcomes, typed):
    done = typed(name)
    assert [event["outcome"] for event in done.requests] == outcomes
    if name == "lost-answer":
        assert all(event["origin"] for event in done.requests)
    if name == "stale-answers":
        assert ["origin" in event for event in done.requests] == [True, False]
    if name == "keep-alive-race":
        assert [event["connection"] for event in done.requests] == [1, 1, 2, 2]


@pytest.mark.parametrize("name, wanted", [("flaky-5xx", 10), ("rate-limited", 8), ("slow-start", 8)])
def test_each_fault_cost_a_repeat(name, wanted, typed):
    done = typed(name)
    assert done.stdout.split() == ["200"] * wanted
    errors = [fault for fault in done.faults if fault["kind"] != "latency"]
    assert errors and len(done.requests) == wanted + len(errors)


def test_slow_start_in_the_summary(typed):
    said = typed("slow-start").stderr
    rows = {row[0]: [int(count) for count in row[1:6]] for row in map(str.split, said.splitlines())
            if row and row[0] in ("cold", "warm") and len(row) == 8}
    assert rows["cold"][3] > 0 and rows["warm"][3] == 0 and rows["warm"][1] > 0


def test_refusals_belong_to_no_exchange(typed):
    done = typed("refused-connections")
    assert {fault["exchange"] for fault in done.faults} == {0}
    assert done.requests[-1]["status"] == 200
