"""The JSON Schema of the scenario language is what the loader takes, and `panne check` for machines."""
import json
import pathlib
import re
import shlex
import subprocess

import jsonschema
import pytest
import yaml

import scenario_schema
from panne import BINARY, ROOT

WHOLE, CHANGED, SEED = 300, 900, 20211119

# What a schema cannot say: the rules of the loader that go beyond the shape of a file, each with how it
# complains. Where all complaints are of these, the schema may take the file.
BEYOND = {
    "the parameters of a fault together": r"({kinds}): (?!.*\bwants a mapping)",
    "services must be known": r"there is no service ",
    "phases must be known": r"there is no phase ",
    "services that stay up are not faulted": r"the service \".*\" stays up",
    "names of phases are unique": r"there is another phase ",
    "a ramp ends with its phase": r"a ramp needs a phase that lasts",
    "steps come in order, and within the phase": r"this step ",
    "the shares of a mix": r"the shares of this mix ",
    "one answer in an outcome": r".* would both give the answer; ",
    "what bites when a connection opens": r"\S+ happens when a connection opens",
    "fractions finer than the unit": r"\S+ wants a (duration|size|bandwidth) such as \S+, got \"\d+\.\d+[a-zA-Z/]*\"",
    "ranges that run backwards": r"\S+ wants a range such as 1\.\.3, got \"\d+\.\.\d+\"",
    "bounds of sums and of fractions": r"\S+ wants at (least|most) \S+, got \"[^\"]*(\d[a-z]+\d|\.)[^\"]*\"",
}

WHOLE_TEXT = "panne: 1\nservices: {api: {match: {}}}\nphases: [{name: calm}]\n"

# Files of tests/bad/ in which a YAML reader shows nothing wrong to a schema.
READ_AWAY = {
    "duplicate-in-fault", "duplicate-key", "duplicate-quoted-key", "duplicate-service",  # the last one counts
    "seed-octal",  # a number is one, however it was written
    "nul-escaped",  # may stand in JSON
}


@pytest.fixture(scope="module")
def schema():
    printed = subprocess.run([BINARY, "schema"], capture_output=True, text=True, check=True).stdout
    return json.loads(printed)


@pytest.fixture(scope="module")
def validator(schema):
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


@pytest.fixture(scope="module")
def beyond(schema):
    kinds = "|".join(name[len("fault-"):] for name in schema["definitions"] if name.startswith("fault-"))
    return {name: re.compile(pattern.replace("{kinds}", kinds)) for name, pattern in BEYOND.items()}


def problems_of(command, *paths):
    """By file, its errors."""
    done = command("check", "--format", "json", *paths)
    found = {str(path): [] for path in paths}
    for problem in json.loads(done.stdout):
        if problem["severity"] == "error":
            found[problem["file"]].append(problem["message"])
    assert done.returncode == (2 if any(found.values()) else 0)
    return found


def compare(values, validator, beyond, command, folder):
    """How many files both take and both refuse; a list of the rules that went beyond the schema."""
    paths = []
    for number, (_, value) in enumerate(values):
        paths.append(folder / f"{number}.yaml")
        paths[-1].write_text(scenario_schema.as_yaml(value) + "\n")
    taken = refused = 0
    used, wrong = set(), []
    for path, (what, value), messages in zip(paths, values, problems_of(command, *paths).values()):
        shape = next(validator.iter_errors(value), None)
        rules = [next((name for name, pattern in beyond.items() if pattern.match(message)), None)
                 for message in messages]
        used.update(filter(None, rules))
        if shape is None and not messages:
            taken += 1
        elif shape is not None and messages:
            refused += 1
        elif shape is not None or None in rules:
            wrong.append(f"{what}: {path.read_text()}panne: {messages}\nschema: "
                         f"{shape and (shape.message[:300], list(shape.absolute_path))}")
    assert not wrong, f"{len(wrong)} differ, such as\n" + "\n\n".join(wrong[:3])
    return taken, refused, used


def test_what_is_made_up_from_the_schema_is_loaded(schema, validator, beyond, command, tmp_path):
    maker = scenario_schema.Maker(schema, SEED)
    values = [("whole", maker.whole()) for _ in range(WHOLE)]
    taken, refused, used = compare(values, validator, beyond, command, tmp_path)
    assert refused == 0
    assert taken >= WHOLE // 10, f"only {taken} were whole; else {used}"


def test_what_is_wrong_is_refused_by_both(schema, validator, beyond, command, tmp_path):
    maker = scenario_schema.Maker(schema, SEED + 1)
    values = [maker.changed() for _ in range(CHANGED)]
    assert {what for what, _ in values} == set(maker.CHANGES)
    _, refused, _ = compare(values, validator, beyond, command, tmp_path)
    assert refused >= CHANGED * 6 // 10


def test_a_var_may_stand_for_any_scalar(schema, validator, beyond, command, tmp_path):
    maker = scenario_schema.Maker(schema, SEED + 3)
    values = [maker.with_var() for _ in range(WHOLE)]
    taken, refused, _ = compare(values, validator, beyond, command, tmp_path)
    assert refused == 0 and taken > WHOLE // 10


INCLUDES = {
    "include: part.yaml": True, "include: [part.yaml]": True, "include: []": False,
    "include: /part.yaml": False, "include: ''": False, "include: {part.yaml: x}": False, "include:": False,
    "include: [[part.yaml]]": False,
    "panne: 1": False, "panne: 1\ninclude: part.yaml\nservices: {own: {match: {}}}": True,
}


@pytest.mark.parametrize("text", INCLUDES)
def test_what_included_files_bring_is_not_asked_for(text, scenario, validator, command):
    scenario(WHOLE_TEXT, "part.yaml")
    done = command("check", scenario(text + "\n"))
    assert (done.returncode == 0) == INCLUDES[text], done.stderr
    assert validator.is_valid(scenario_schema.read(text)) == (INCLUDES[text] or text == "include: []")


def forms_of(maker, definition, example):
    """Values for it, right and wrong ones: what may stand alone, and each key."""
    mapping = next(form for form in [definition, *definition.get("anyOf", [])] if "properties" in form)
    forms = [maker.value(definition, 5) for _ in range(20)]
    forms += [{key: maker.value(each, 6, key)} for key, each in mapping["properties"].items() for _ in range(4)]
    forms += [{**(example if isinstance(example, dict) else {}), key: wrong}
              for key in mapping["properties"] for wrong in (None, [[]], {"x": []}, "\u00a7", -1)]
    for key, each in mapping["properties"].items():
        wrong = maker.random.sample(scenario_schema.out_of_bounds(each), 12) if "pattern" in each else []
        forms += [{**(example if isinstance(example, dict) else {}), key: value} for value in wrong]
        forms += [{key: str(choice) + "x"} for choice in each.get("enum", [])]
    return forms + [None, {"no-such-key": 1}, [[]], [], "\u00a7", -1, True]


def test_each_kind_and_each_parameter_alone(schema, validator, beyond, command, tmp_path):
    """Whatever comes into the catalogue is compared, also where chance would pass it over."""
    maker = scenario_schema.Maker(schema, SEED + 2)
    values = []
    for name, definition in maker.schema["definitions"].items():
        if not name.startswith("fault-"):
            continue
        kind, example = name[len("fault-"):], definition["examples"][0]
        values += [(f"{kind}: {form}", whole_with(kind, form))
                   for form in [example, *forms_of(maker, definition, example)]]
    compare(values, validator, beyond, command, tmp_path)
    examples = [value for what, value in values if value["phases"][0]["faults"][0][what.split(":")[0]] == schema[
        "definitions"]["fault-" + what.split(":")[0]]["examples"][0]]
    paths = []
    for number, value in enumerate(examples):
        paths.append(tmp_path / f"example-{number}.yaml")
        paths[-1].write_text(scenario_schema.as_yaml(value))
    assert not any(problems_of(command, *paths).values())


def test_each_check_and_each_limit_alone(schema, validator, beyond, command, tmp_path):
    maker = scenario_schema.Maker(schema, SEED + 4)
    values = []
    for name, definition in maker.schema["definitions"].items():
        if not name.startswith("check-"):
            continue
        check = name[len("check-"):]
        forms = forms_of(maker, definition, {}) + ["ignore", "none", {}, [{}], [{"warn-only": True}, {}], ["ignore"]]
        values += [(f"{check}: {form}", expecting({check: form})) for form in forms]
    values += [(f"{form}", expecting(form)) for form in ({}, [], None, {"no-such-check": 1})]
    taken, refused, _ = compare(values, validator, beyond, command, tmp_path)
    assert taken > len(values) // 10 and refused > len(values) // 10


def expecting(form):
    return {"panne": 1, "services": {name: {"match": {"path": "/"}} for name in scenario_schema.SERVICES},
            "phases": [{"name": scenario_schema.PHASE, "lasts": "1h"}], "expect": form}


def whole_with(kind, form):
    return {"panne": 1, "services": {"api": {"match": {}}},
            "phases": [{"name": "down", "lasts": "1h", "faults": [{"service": "api", kind: form}]}]}


def test_the_example_is_whole(schema, validator, command, tmp_path):
    [example] = schema["examples"]
    (tmp_path / "example.yaml").write_text(scenario_schema.as_yaml(example))
    assert not list(validator.iter_errors(example))
    assert command("check", tmp_path / "example.yaml").returncode == 0


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").rglob("*.yaml")), ids=lambda path: path.stem)
def test_our_scenarios_are_valid_and_name_their_schema(path, validator):
    text = path.read_text()
    assert [error.message for error in validator.iter_errors(scenario_schema.read(text))] == []
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert named and (path.parent / named[1]).resolve() == ROOT / "scenarios/scenario.schema.json"


def test_the_schema_beside_them_is_what_panne_prints(command):
    assert command("schema").stdout == (ROOT / "scenarios/scenario.schema.json").read_text()


def shape_of(path):
    """None where a YAML reader finds that it is no YAML."""
    try:
        return scenario_schema.read(path.read_bytes().decode())
    except (yaml.YAMLError, UnicodeError, TypeError):
        return None


def test_bad_files_that_break_the_shape_break_the_schema(validator, beyond):
    taken, refused = set(), 0
    for path in sorted((ROOT / "tests/bad").glob("*.yaml")):
        if path.stem in ("alias-bomb", "alias-in-itself"):  # no end to them
            continue
        messages = [re.sub(r"^[^ ]*: ", "", line) for line in path.with_suffix(".txt").read_text().splitlines()]
        if not validator.is_valid(shape_of(path)):
            refused += 1
        elif not all(any(rule.match(message) for rule in beyond.values()) for message in messages):
            taken.add(path.stem)
    assert taken == READ_AWAY
    assert refused >= 80


def test_each_key_is_described(schema):
    def look(node, path):
        for name, each in node.get("properties", {}).items():
            if not isinstance(each, dict) or "$ref" in each:
                continue
            assert each.get("description"), f"{path}.{name}"
            look(each, f"{path}.{name}")
        for form in node.get("anyOf", []):
            look(form, path)

    look(schema, "")
    for name, definition in schema["definitions"].items():
        assert definition.get("description") or name == "share", name
        look(definition, name)


# `panne check` for machines.

TWO_PROBLEMS = """panne: 1
titel: x
services: {api: {match: {}}}
phases:
  - {name: down, faults: [{service: api, error: 503, share: 130%}]}
"""
WARNED = """panne: 1
services: {api: {match: {}}, rest: {match: {}}}
phases: [{name: calm}]
"""


def test_problems_as_json(command, scenario):
    bad, good, warned = scenario(TWO_PROBLEMS, "bad.yaml"), "calm", scenario(WARNED, "warned.yaml")
    done = command("check", "--format", "json", bad, good, warned, "no-such")
    assert done.returncode == 2 and done.stderr == ""
    unknown, over, warning, missing = json.loads(done.stdout)
    assert unknown == {"file": str(bad), "line": 2, "column": 1, "severity": "error", "suggestion": "title",
                       "message": 'unknown key "titel"; did you mean "title"?'}
    assert (over["line"], over["column"], over["message"]) == (5, 61, 'share wants at most 100%, got "130%"')
    assert (warning["file"], warning["severity"]) == (str(warned), "warning")
    assert (missing["file"], missing["line"], missing["column"]) == ("no-such", 0, 0)


def test_nothing_to_say_is_an_empty_array_and_a_warning_no_failure(command, scenario):
    done = command("check", "--format=json", "calm", "tesla-2021")
    assert (done.returncode, json.loads(done.stdout)) == (0, [])
    done = command("check", "--format=json", scenario(WARNED))
    assert (done.returncode, len(json.loads(done.stdout))) == (0, 1)
    assert command("check", "--format=github", "calm").stdout == ""


def test_problems_for_github(command, scenario, tmp_path):
    folder = tmp_path / "a,b"
    folder.mkdir()
    scenario(TWO_PROBLEMS, "a,b/bad.yaml")
    done = command("check", "--format", "github", "a,b/bad.yaml", scenario(WARNED))
    assert done.returncode == 2 and done.stderr == ""
    first, second, third = done.stdout.splitlines()
    assert first == '::error file=a%2Cb/bad.yaml,line=2,col=1::unknown key "titel"; did you mean "title"?'
    assert second == '::error file=a%2Cb/bad.yaml,line=5,col=61::share wants at most 100%25, got "130%25"'
    assert third.startswith("::warning file=") and ",line=2,col=" in third


def test_a_format_that_is_none(command):
    done = command("check", "--format", "jsn", "calm")
    assert done.returncode == 2
    assert 'wants text, json, github or sarif, got "jsn"; did you mean "json"?' in done.stderr


def test_the_hook_of_pre_commit(environment, scenario, tmp_path):
    """As pre-commit runs it: the entry's words, then the files that it is for, all at once."""
    [hook] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert (hook["id"], hook["language"]) == ("panne-check", "system")
    for path, ours in {"scenarios/a.yaml": True, "tests/scenarios/deep/b.yml": True, "scenarios/x.json": False,
                       "docs/a.yaml": False, "my-scenarios.yaml": False}.items():
        assert bool(re.search(hook["files"], path)) == ours, path
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/panne").symlink_to(pathlib.Path(BINARY).resolve())
    env = {**environment, "PATH": f"{tmp_path / 'bin'}:{environment['PATH']}"}
    good, bad = (ROOT / "scenarios/calm.yaml").read_text(), TWO_PROBLEMS
    (tmp_path / "scenarios").mkdir()
    files = [scenario(text, f"scenarios/{name}.yaml").relative_to(tmp_path)
             for name, text in (("one", good), ("two", bad), ("three", good))]

    def run(*names):
        return subprocess.run([*shlex.split(hook["entry"]), *map(str, names)], cwd=tmp_path, env=env,
                              capture_output=True, text=True, check=False)

    assert run(files[0], files[2]).returncode == 0
    failed = run(*files)
    assert failed.returncode == 2
    assert "scenarios/two.yaml:2:1: unknown key" in failed.stderr
    assert failed.stdout.count(": ok\n") == 2
