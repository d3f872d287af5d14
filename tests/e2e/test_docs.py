"""What the README and the manual pages show does work: recipes and examples are run as they stand there,
but for ports, which must be free."""
import json
import os
import pathlib
import pty
import re
import socket
import subprocess
import xml.etree.ElementTree

import pytest

from panne import BINARY, ROOT

README = (ROOT / "README.md").read_text()
RECIPES = dict(re.findall(r"<!-- recipe: (\w+) -->\n```sh\n(.*?)```", README, re.DOTALL))


def examples(page):
    """The literal blocks of a page, unescaped."""
    text = (ROOT / "man" / page).read_text()
    blocks = re.findall(r"^\.Bd -literal -offset indent\n(.*?)^\.Ed$", text, re.DOTALL | re.MULTILINE)
    return [block.replace("\\e", "\\") for block in blocks]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@pytest.fixture
def shell(tmp_path, environment):
    """Run lines as a user would type them; their stdout. What they leave running is waited for."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "panne").symlink_to(pathlib.Path(BINARY).resolve())
    env = {**environment, "PANNE_SCENARIOS": str(ROOT / "scenarios"),
           "PATH": f"{tmp_path / 'bin'}:/usr/bin:{os.environ['PATH']}"}

    def run(lines, status=0):
        for port in ("8080", "8888"):
            lines = lines.replace(port, free_port())
        done = subprocess.run(["bash", "-c", lines + "\nstatus=$?\nwait\nexit $status"], cwd=tmp_path,
                              env=env, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == status, done.stdout + done.stderr
        run.stderr = done.stderr
        return done.stdout
    return run


def events(tmp_path, kind, name="outage.ndjson"):
    log = (tmp_path / name).read_text()
    return [event for event in map(json.loads, log.splitlines()) if event["event"] == kind]


def test_the_readme_has_all_the_recipes():
    assert list(RECIPES) == ["reverse", "judge", "baseline", "https", "scenario", "small"]


def test_the_readme_counts_the_checks(command):
    rows = [line for line in command("checks").stdout.splitlines() if re.match(r" *[a-z-]+  ", line)]
    assert set(re.findall(r"(\d+) checks", README)) == {str(len(rows))}


def test_recipe_reverse(shell, tmp_path):
    assert '"display_name": "Panne"' in shell(RECIPES["reverse"])
    assert [event["service"] for event in events(tmp_path, "request")] == ["owner-api"]


def test_recipe_judge(shell, tmp_path):
    shell(RECIPES["judge"])
    cases = xml.etree.ElementTree.parse(tmp_path / "junit.xml").iter("testcase")
    assert {case.get("name"): len(case) for case in cases if case.find("skipped") is None} == {
        "unsafe-repeats": 1, "hot-loop": 1, "logout": 1, "token-storm": 1}
    assert [event["exit"] for event in events(tmp_path, "end", "good.ndjson")] == [0]
    repeats = RECIPES["judge"].replace('["GET"]', "None").replace("good", "outage")
    assert repeats != RECIPES["judge"]
    shell(repeats, status=1)
    block = README.split("and it is 1:\n\n```\n")[1].partition("```")[0]
    assert " ".join(block.split()) in " ".join(shell.stderr.split())  # columns are as wide as need be


def test_recipe_baseline(shell, tmp_path):
    shell(RECIPES["judge"])
    shell(RECIPES["baseline"])
    assert "<svg" in (tmp_path / "verdict.html").read_text()
    report = json.loads((tmp_path / "verdict.json").read_text())
    assert {each["change"] for each in report["findings"]} <= {"same", "unclear"}

    for name, old, new in (("client.py", "Retry(2, backoff_factor=0.05", "Retry(4, backoff_factor=0.01"),
                           ("shop.yaml", "at-most: 3", "at-most: 9, warn: 4")):
        file = tmp_path / name
        assert old in file.read_text()
        file.write_text(file.read_text().replace(old, new))
    shell(RECIPES["baseline"].split("panne report")[0], status=1)
    assert re.search(r"hot-loop .* worse than 3", shell.stderr)


def test_the_log_of_the_readme(shell, tmp_path):
    shell("panne run recipes/flaky-5xx --set share=100% --seed 1 --upstream embedded --log outage.ndjson -- "
          "curl --silent --output /dev/null 'http://api.example.com/status/[200-203]'")
    jq = re.search(r"With jq:\s`(.*?)`", README)[1]
    assert len(shell(jq).splitlines()) == len(events(tmp_path, "fault")) == 4
    [explain] = re.findall(r"`(panne explain outage.ndjson --request 2)`", README)
    assert "flaky#1" in shell(explain)


def test_recipe_https(shell, tmp_path):
    shell(RECIPES["https"])
    [connection] = events(tmp_path, "connection")
    assert connection["tls"] == "TLSv1.3"
    assert events(tmp_path, "request")[-1]["host"] == "owner-api.example.com"


def test_recipe_scenario(shell):
    said = shell(RECIPES["scenario"])
    assert "friday.yaml: ok" in said
    assert "latency 0% -> 80%" in said
    assert "recovery" in said


def test_recipe_small(shell, tmp_path):
    assert shell(RECIPES["small"]) == '{"order": 1}'
    assert [event["status"] for event in events(tmp_path, "request")] == [0, 200]
    assert "✓ passed: unsafe-repeats, key-stability" in shell.stderr
    shell(RECIPES["small"].replace("Idempotency-Key", "X-Other"), status=1)
    assert "✗ unsafe-repeats" in shell.stderr
    named = set(re.findall(r"`([a-z0-9-]+)`", README.split("| what goes wrong |")[1].split("\n\n")[0]))
    assert named == {path.stem for path in ROOT.glob("scenarios/recipes/*.yaml")}


def test_examples_of_the_log_page(shell, tmp_path):
    shell(examples("panne-run.1")[0], status=4)
    by_fault, source, late = examples("panne-log.5")
    faults = [event for event in events(tmp_path, "fault") if event["exercised"]]
    assert len(shell(by_fault).splitlines()) == len(faults)
    seed = shell(source).strip()
    assert seed == events(tmp_path, "run")[0]["seed"]
    assert (tmp_path / "again.yaml").read_text() == (ROOT / "scenarios/tesla-2021.yaml").read_text() + "\n"
    assert len(shell(late).splitlines()) == sum(fault.get("asked_ms", 0) >= 50 for fault in faults)


def test_examples_of_the_report_page(shell, tmp_path):
    _, _, run, failed, compare, archive = examples("panne-report.1")
    shell(run.replace("panne report", "case $? in [04]) ;; *) exit ;; esac\npanne report"))
    assert "<testsuites" in (tmp_path / "junit.xml").read_text()
    assert shell(failed) == ""
    for name in ("old", "new"):
        (tmp_path / f"{name}.ndjson").write_bytes((tmp_path / "run.ndjson").read_bytes())
    assert "beside the baseline" in shell(compare)
    shell(archive)
    assert json.loads((tmp_path / "run.har").read_text())["log"]["entries"]


WHOLE = "panne: 1\nservices: {api: {match: {}}}\nphases:\n  - name: down\n    lasts: 1h\n"


@pytest.mark.parametrize("example", examples("panne-scenario.5"))
def test_examples_of_the_scenario_page_are_valid(example, scenario, command, tmp_path):
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared/services.yaml").write_text(WHOLE.splitlines()[1] + "\n")
    if example.startswith("faults:"):
        example = WHOLE + re.sub("^", "    ", example, flags=re.MULTILINE)
    elif example.startswith("profile:"):
        example = WHOLE + example
    elif not example.startswith("panne:"):  # of a kind of fault
        example = WHOLE + "    faults:\n      - " + example
    done = command("check", scenario(example))
    assert done.returncode == 0, done.stderr


def run_lines():
    """Each `panne run` that begins an example of the pages, on one line, without the COMMAND."""
    for page in ("panne.1", "panne-run.1"):
        for block in examples(page):
            joined = block.replace("\\\n", " ")
            if joined.startswith("panne run"):
                yield joined.splitlines()[0].split(" -- ")[0].split()


@pytest.mark.parametrize("line", run_lines(), ids=" ".join)
def test_options_of_the_examples_are_taken(line, panne, authority):
    """As far as the run can begin: listeners are opened on free ports."""
    words = [re.sub(r"(^|:)8(080|888)$", r"\g<1>0", word) for word in line[1:]]
    if not any(word in words for word in ("--upstream", "--forward")):
        words += ["--upstream", "embedded"]
    proxy = panne(*[word for word in words if word != "--log" and not word.endswith(".ndjson")])
    assert proxy.ready["listeners"]
    assert proxy.stop() == 4  # nothing has been asked


@pytest.mark.long
@pytest.mark.parametrize("terminal", [False, True])
def test_the_demo_shows_the_outage_and_fits_a_terminal(terminal, environment):
    command = ["scripts/demo"]
    env = {**environment, "PANNE": BINARY, "TERM": "xterm"}
    if not terminal:
        done = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False)
        said, status = done.stdout, done.returncode
        assert "\x1b" not in said
    else:
        master, slave = pty.openpty()
        child = subprocess.Popen(command, cwd=ROOT, env=env, stdin=slave, stdout=slave, stderr=slave)
        os.close(slave)
        said = ""
        try:
            while part := os.read(master, 65536):
                said += part.decode("utf-8", "replace")
        except OSError:  # the last writer has gone
            pass
        os.close(master)
        status = child.wait()
        assert "\x1b[J" in said
    assert status == 0, said
    plain = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", said)
    good, naive = plain.split("That was the good client")
    assert re.search(r"\d+ requests \([\d,]+ matched\), [\d,]+ faults", good)
    assert "passed: of " in good and "✗" not in good
    assert re.search(r"failed: \d expectations? and \d gates?", naive)
    for check in ("unsafe-repeats", "logout", "hot-loop"):
        assert f"✗ {check}" in naive
    too_long = [line for line in re.split(r"[\r\n]+", plain) if len(line) > 80]
    assert [line for line in too_long if " " in line.strip()] == []  # URLs are left whole


@pytest.mark.parametrize("typed, meant", [
    ("ru", ["run"]),
    ("run tes", ["tesla-2021"]),
    ("run recipes/ga", ["recipes/garbled-answers"]),
    ("run calm --upstream-c", ["--upstream-ca"]),
    ("run calm --live al", ["always"]),
    ("faults la", ["latency"]),
    ("schema rep", ["report"]),
    ("check x --format s", ["sarif"]),
    ("ca ex", ["export"]),
])
def test_completion(typed, meant, shell):
    words = typed.split()
    previous = (["panne"] + words)[-2]
    said = shell(f"source {ROOT}/completions/panne.bash\nCOMP_WORDS=(panne {typed}) COMP_CWORD={len(words)}\n"
                 f"_panne panne '{words[-1]}' '{previous}'\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"")
    assert said.split() == meant
