"""Reports of a real run, each read by the tools that it is for; the live run and its log give the same."""
import json
import os
import re
import subprocess
import sys

import jsonschema
import junitparser
import pytest

from panne import BINARY, ROOT

SCENARIO = """\
panne: 1
title: The shop | is <down>
seed: 7
services: {api: {match: {}}}
phases:
  - name: down
    faults: [{service: api, error: 503}]
expect:
  amplification: {at-most: 1.2, during: down}
  timeout: 30s
  unsafe-repeats: {warn-only: yes}
"""
AMPLIFICATION_AT = (9, 3)

# Six attempts at each of 60 things, without a pause; half of their names are hard to write down.
CLIENT = """\
import http.client, os, urllib.parse
url = urllib.parse.urlsplit(os.environ["PANNE_URL"])
for number in range(60):
    for attempt in range(6):
        link = http.client.HTTPConnection(url.hostname, url.port)
        link.request("GET", f"/a|b`c*_@you&<b>/{number}?token=s3cret", headers={"User-Agent": "loop/1.0"})
        link.getresponse().read()
"""
FORMATS = {"text": "txt", "html": "html", "json": "json", "junit": "xml", "tap": "tap", "markdown": "md", "github": "gh"}


class Told:
    """A run, and where its reports are."""

    def __init__(self, folder, done):
        self.folder, self.done = folder, done
        self.log = folder / "log.ndjson"

    def text(self, name):
        return (self.folder / f"live.{name}").read_text()

    def json(self):
        return json.loads(self.text("json"))


@pytest.fixture(scope="module")
def told(tmp_path_factory, data_home):
    folder = tmp_path_factory.mktemp("reports")
    (folder / "shop.yaml").write_text(SCENARIO)
    (folder / "client.py").write_text(CLIENT)
    asked = [word for name, ending in FORMATS.items()
             for word in ("--report", f"{name}:{folder / f'live.{ending}'}")]
    env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(folder), "XDG_DATA_HOME": str(data_home)}
    done = subprocess.run(
        [BINARY, "run", "shop.yaml", "--listen", "http://127.0.0.1:0", "--upstream", "embedded", "--log",
         "log.ndjson", *asked, "--", sys.executable, "client.py"], cwd=folder, env=env, capture_output=True,
        text=True, timeout=60, check=False)
    assert done.returncode == 1, done.stderr
    return Told(folder, done)


@pytest.fixture
def node(clients):
    """Run a module in the folder of the clients' packages, with arguments; its stdout as JSON."""
    def run(source, *arguments):
        done = subprocess.run(["node", "--input-type=module", "-e", source, "--", *map(str, arguments)],
                              cwd=clients, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
    return run


@pytest.mark.parametrize("name", FORMATS)
def test_the_log_gives_what_the_run_gave(name, told, command):
    path = told.folder / f"again.{FORMATS[name]}"
    # By the name that the run knew it by: the text names it, too.
    done = subprocess.run([BINARY, "report", "log.ndjson", "--report", f"{name}:{path}"], cwd=told.folder,
                          capture_output=True, env={"LANG": "C.UTF-8"}, check=False)
    assert done.returncode == 1
    assert path.read_bytes() == (told.folder / f"live.{FORMATS[name]}").read_bytes()
    twice = command("report", told.log, "--report", name, "--report", "text")
    assert twice.returncode == 2 and "only one --report can go to stdout" in twice.stderr


def test_a_scenario_of_parts_is_told_by_its_own_places(command, scenario, tmp_path):
    """The log has it put together, on other lines and in other words."""
    scenario(SCENARIO.partition("seed:")[0] + "services: {api: {match: {}}}\n", "base.yaml")
    path = scenario("panne: 1\ninclude: [base.yaml]\nvars: {most: 1.2}\n" + SCENARIO[SCENARIO.index("phases:"):]
                    .replace("1.2,", "'${most}',"), "parts.yaml")
    log, live = tmp_path / "log.ndjson", tmp_path / "live.json"
    done = command("run", path, "--listen", "http://127.0.0.1:0", "--upstream", "embedded", "--log", log, "--report",
                   f"json:{live}", "--", sys.executable, "-c", CLIENT)
    assert done.returncode == 1, done.stderr
    found = json.loads(live.read_text())["findings"][0]["expectation"]
    assert (found["file"], found["line"], found["column"]) == (str(path), 8, 3)
    assert found["as_written"] == 'amplification: {at-most: "1.2", during: down}'
    assert command("report", log, "--report", "json").stdout == live.read_text()


def test_text_says_what_failed_first(told):
    lines = told.text("txt").splitlines()
    assert re.match(r"failed: 1 expectation; of \d+ checks \d+ failed", lines[0])
    assert all(len(line) <= 80 or "https://" in line for line in lines)
    first = next(line for line in lines[1:] if line.startswith("✗"))
    assert first.split()[1:3] == ["amplification", "during"]
    assert "Google SRE Book" in told.text("txt") and "s3cret" not in told.text("txt")
    hint = re.fullmatch(r"why: (panne explain log\.ndjson --request \d+)", lines[-1])[1].split()
    done = subprocess.run([BINARY, *hint[1:]], cwd=told.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "error" in done.stdout
    assert told.text("txt").splitlines()[0] in told.done.stderr


def test_text_fits_the_terminal(told, command):
    for columns in ("40", "80", "120"):
        said = command("report", told.log, env={"COLUMNS": columns}).stdout.splitlines()
        assert all(len(line) <= int(columns) or "https://" in line or line.startswith("why: ") for line in said)
    plain = command("report", told.log, env={"LANG": "C"}).stdout
    assert plain.isascii() and "\033" not in plain
    assert "\033[31mFAIL\033[0m" in command("report", told.log, "--color", "always", env={"LANG": "C"}).stdout


def test_json_is_as_its_schema_says(told, command):
    schema = json.loads(command("schema", "report").stdout)
    assert schema == json.loads((ROOT / "man/report.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    report = told.json()
    jsonschema.Draft7Validator(schema).validate(report)
    assert report["verdict"] == "failed"
    assert report["counts"]["fail"] == sum(found["outcome"] == "fail" for found in report["findings"])
    first = report["findings"][0]
    assert (first["check"], first["outcome"], first["enforced"]) == ("amplification", "fail", True)
    assert (first["expectation"]["line"], first["expectation"]["column"]) == AMPLIFICATION_AT
    assert first["scope"] == {"phase": "down", "service": None, "client": None}
    assert first["low"] <= first["value"] <= first["high"] and first["low"] > first["limit"] == 1.2
    assert first["samples"] == 60 and first["proofs"]["items"][0]["exchange"] == 1
    assert report["total"]["attempts"] == 360 == sum(part["attempts"] for part in report["series"]["bins"])
    assert report["clients"]["items"][0]["agent"] == "loop/1.0"
    assert [gaps["total"] for gaps in report["gaps"]] == [60] * 5
    assert [step["status"] for step in report["operations"]["worst"][0]["steps"]] == [503] * 6


def test_the_schema_notices_what_is_wrong(told):
    validator = jsonschema.Draft7Validator(json.loads((ROOT / "man/report.schema.json").read_text()))
    for path, value in ((("verdict",), "fine"), (("counts", "pass"), -1), (("run", "more"), 1),
                        (("findings", 0, "value"), "1"), (("findings", 0, "proofs", "total"), None)):
        report = told.json()
        place = report
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
        assert not validator.is_valid(report), path


def test_junit_is_read_by_its_readers(told):
    path = told.folder / "live.xml"
    subprocess.run(["xmllint", "--noout", path], check=True)
    [suite] = junitparser.JUnitXml.fromfile(str(path))
    cases = {case.name: case for case in suite}
    assert len(cases) == suite.tests == len(list(suite)) and suite.failures == 1
    assert suite.name == "panne.shop" and all(case.classname == "panne.shop" for case in suite)
    [failure] = cases["amplification during down"].result
    assert isinstance(failure, junitparser.Failure)
    assert "Google SRE Book" in failure.text and "exchange 1 at" in failure.text and "shop.yaml:9:3" in failure.text
    [skipped] = cases["timeout"].result
    assert isinstance(skipped, junitparser.Skipped) and "no request was left" in skipped.message
    assert cases["unsafe-repeats"].result[0].message
    assert {each.name: each.value for each in suite.properties()}["seed"] == "7"


def test_prove_comes_to_the_same_end(told, tmp_path):
    def prove(*options):
        return subprocess.run(["prove", "-e", "cat", *options, told.folder / "live.tap"], capture_output=True,
                              text=True, check=False)
    done = prove()
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(r"Failed test: +1\n", done.stdout), done.stdout
    assert "Parse errors" not in done.stdout
    assert "# skip" in prove("-v").stdout.lower()


def test_markdown_is_rendered_as_meant(told, node):
    page = node("import {marked} from 'marked'; import fs from 'fs';"
                "console.log(JSON.stringify([marked(fs.readFileSync(process.argv[1], 'utf8'))]))",
                told.folder / "live.md")[0]
    findings = told.json()["findings"]
    rows = page.partition("<tbody>")[2].partition("</tbody>")[0].split("<tr>")[1:]
    assert len(rows) == len(findings)
    assert all(row.count("<td>") == 5 for row in rows)
    assert page.count("<details>") == page.count("</details>") == sum(
        found["outcome"] in ("fail", "warn") for found in findings)
    assert "The shop | is &lt;down&gt;" in page
    assert "GET /a|b`c*_@you&amp;&lt;b&gt;/0, 6 attempts" in page
    assert "<b>" not in page and "s3cret" not in page


def github(told, **env):
    """The report as a step of a workflow gets it: stdout, stderr and the summary."""
    summary = told.folder / "summary.md"
    summary.write_text("# Before\n\n")
    done = subprocess.run([BINARY, "report", "log.ndjson"], cwd=told.folder, capture_output=True, text=True,
                          env={"LANG": "C.UTF-8", "GITHUB_STEP_SUMMARY": str(summary), **env}, check=False)
    assert done.returncode == 1
    return done, summary.read_text()


def unescape(text):
    return re.sub("%(0A|0D|25|2C|3A)", lambda code: chr(int(code[1], 16)), text)


def test_github_gets_annotations_and_a_summary(told):
    done, summary = github(told, GITHUB_ACTIONS="true")
    assert summary == "# Before\n\n" + told.text("md")
    assert done.stderr == told.text("gh")
    lines = done.stderr.splitlines()
    assert 2 <= len(lines) <= 10
    found = re.fullmatch(r"::error file=shop\.yaml,line=(\d+),col=(\d+),title=([^:]*)::(.*)", lines[0])
    assert (int(found[1]), int(found[2])) == AMPLIFICATION_AT
    assert unescape(found[3]) == "amplification during down: fail"
    first, evidence, cure = unescape(found[4]).splitlines()
    assert re.fullmatch(r"x5\.\d+ \(x[\d.]+ to x[\d.]+\), at most x1\.2", first)
    assert evidence.startswith("360 attempts for 60 operations") and cure.startswith("retry budget: ")
    assert all(line.startswith(("::error ", "::warning ")) for line in lines)
    assert sum(line.startswith("::error ") for line in lines) == 1


def test_github_is_left_alone_elsewhere(told):
    for actions in ({}, {"GITHUB_ACTIONS": ""}, {"GITHUB_ACTIONS": "false"}):
        done, summary = github(told, **actions)
        assert summary == "# Before\n\n" and done.stderr == ""


def test_a_summary_is_only_added_to(told):
    summary = told.folder / "asked.md"
    env = {"LANG": "C.UTF-8", "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    for times in (1, 2):
        done = subprocess.run([BINARY, "report", "log.ndjson", "--report", f"markdown:{summary}"],
                              cwd=told.folder, capture_output=True, text=True, env=env, check=False)
        assert done.returncode == 1
        assert summary.read_text() == told.text("md") * times


def test_a_summary_that_cannot_be_written_is_said_and_no_failure(told, tmp_path):
    full = tmp_path / "full.md"
    full.write_bytes(b"x" * ((1 << 20) - 100))
    for path, why in ((full, "File too large"), (tmp_path / "none" / "x", "No such file")):
        done, _ = github(told, GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(path))
        assert f"the summary of the step is not written: {path}: {why}" in done.stderr
    assert full.stat().st_size == (1 << 20) - 100


def test_har_is_valid_and_has_every_exchange(told, node, command, tmp_path):
    path = tmp_path / "run.har"
    assert command("report", told.log, "--report", f"har:{path}").returncode == 1
    assert node("import {har} from 'har-validator'; import fs from 'fs';"
                "har(JSON.parse(fs.readFileSync(process.argv[1]))).then("
                "() => console.log('[]'), error => console.log(JSON.stringify(error.errors)))", path) == []
    entries = json.loads(path.read_text())["log"]["entries"]
    events = [event for event in map(json.loads, told.log.read_text().splitlines()) if event["event"] == "request"]
    assert [entry["_panne"]["exchange"] for entry in entries] == [event["exchange"] for event in events]
    assert {entry["response"]["status"] for entry in entries} == {503}
    assert all(entry["_panne"]["faults"] == [{"rule": "down#1", "kind": "error", "exercised": True}]
               for entry in entries)
    assert all(abs(sum(entry["timings"].values()) - entry["time"]) < 0.01 for entry in entries)
    assert len({entry["_panne"]["print"] for entry in entries}) == 60
    assert "s3cret" not in path.read_text()
    live = command("run", "calm", "--upstream", "embedded", "--report", f"har:{path}")
    assert live.returncode == 2 and "it is made of a log's lines" in live.stderr


def test_a_better_client_is_told_from_the_one_before(told, command, scenario, tmp_path):
    baseline = ["--baseline", str(told.log)]
    same = command("report", told.log, *baseline, "--report", "json")
    changes = {found["check"]: found["change"] for found in json.loads(same.stdout)["findings"]}
    assert changes["amplification"] == "same" and "worse" not in changes.values()
    log = tmp_path / "better.ndjson"
    once = CLIENT.replace("range(6)", "range(1)")
    done = command("run", scenario(SCENARIO, "shop.yaml"), "--listen", "http://127.0.0.1:0", "--upstream",
                   "embedded", "--log", log, "--", sys.executable, "-c", once)
    assert done.returncode in (0, 4), done.stderr
    better = command("report", log, *baseline)
    assert re.search(r"beside the baseline .*\d+ better", better.stdout)
    assert re.search(r"amplification during down .*better than x5", better.stdout)
    worse = command("report", told.log, "--baseline", log, "--gate-regressions")
    assert worse.returncode == 1 and worse.stdout.startswith("failed: 1 expectation and 1 regression; ")
    assert re.search(r"✗ amplification during down\n.*expected, worse than x1\n", worse.stdout)
    assert re.search(r"✗ amplification\n.*at most x3, worse than x1\n", worse.stdout)
