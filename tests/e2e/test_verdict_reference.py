"""The reference clients through panne: *good* passes, *naive* fails, and each mutant is caught by the
check of its rule, and by none outside that check's group."""
import concurrent.futures
import dataclasses
import subprocess

import pytest

import judged
import panne as helper

pytestmark = pytest.mark.waits(400)
AT_ONCE = 20


@dataclasses.dataclass(frozen=True)
class Conditions:
    """A scenario of verdict/, and how the clients are run in it."""

    options: str
    passes: str                # by the good client
    mutants: dict              # and the check that each fails
    naive: str = ""            # that the naive client fails
    more: dict = dataclasses.field(default_factory=dict)  # options of some clients
    tls: bool = False
    trusted: bool = True
    embedded: bool = False
    workers: int = 1


CONDITIONS = {
    "quiet-outage": Conditions(
        "--clients 16 --rate 1.2 --duration 104 --arrivals even --services api=/api --mix get=1 "
        "--fallback {url}/copy",
        "amplification attempts budget load-factor fallback churn logout token-storm synchrony reuse",
        {name: name for name in ("amplification budget load-factor synchrony logout token-storm fallback "
                                 "churn").split()},
        naive="amplification attempts budget load-factor logout token-storm fallback hot-loop reuse",
        more={"naive": "--clients 10",
              # All fail at once, and the tick is short beside the pause.
              "synchrony": "--clients 40 --set lockstep=true --set jitter=false --set base=4"}),
    "busy-outage": Conditions(
        "--clients 20 --rate 2.5 --duration 104 --arrivals even --services api=/api --mix get=1",
        "breaker probes recovery overshoot metastability",
        {name: name for name in "breaker probes recovery overshoot metastability".split()},
        naive="breaker metastability", more={"naive": "--clients 16 --rate 2"}),
    "narrow": Conditions(
        "--clients 48 --rate 2 --duration 75 --arrivals even --services api=/api "
        "--mix get=.6,post=.2,bare=.2 --path-items 1000 --set burst=40",
        "backoff backoff-ceiling hot-loop jitter attempts unsafe-repeats key-stability synchrony",
        {name: name for name in "attempts backoff backoff-ceiling hot-loop jitter unsafe-repeats "
         "key-stability".split()},
        naive="attempts hot-loop unsafe-repeats", more={"naive": "--clients 10"}),
    "hang": Conditions(
        "--clients 16 --rate 6 --duration 68 --time-scale 0.2 --grace 4 --arrivals even --mix get=1",
        "timeout open-hangs bulkhead",
        {"timeout": "timeout", "open-hang": "open-hangs", "bulkhead": "bulkhead"},
        naive="open-hangs bulkhead"),
    "retry-after": Conditions(
        "--clients 40 --rate 3 --duration 25 --time-scale 0.2 --mix get=1 --services api=/api",
        "retry-after retry-after-herd",
        {"retry-after": "retry-after", "retry-after-herd": "retry-after-herd"},
        naive="retry-after", workers=2),
    "long-wait": Conditions(
        "--clients 40 --rate 2 --duration 60 --time-scale 0.1 --mix get=1 --services api=/api "
        "--mark query",
        "deadline", {"deadline": "deadline"}),
    "slow": Conditions(
        "--clients 20 --rate 5 --duration 20 --grace 7 --mix get=1 --auth= --services api=/delay "
        "--path-reads /{item} --path-items 200",
        "eager-timeouts", {"eager-timeout": "eager-timeouts"}, embedded=True),
    "not-found": Conditions(
        "--clients 20 --rate 8 --duration 25 --time-scale 0.3 --services api=/api --path-items 1000 "
        "--set burst=60 --mix get=1",
        "final-errors reuse", {"final-errors": "final-errors", "reuse": "reuse"},
        naive="final-errors reuse"),
    "resets": Conditions(
        "--clients 10 --rate 8 --duration 20 --time-scale 0.3 --services api=/api",
        "resumption", {"resumption": "resumption"}, naive="resumption", tls=True, workers=2),
    "wrong-certificate": Conditions(
        "--clients 6 --rate 5 --duration 10 --time-scale 0.1",
        "bad-certificate", {"bad-certificate": "bad-certificate"}, naive="bad-certificate", tls=True),
    "cut": Conditions(
        "--clients 10 --rate 10 --duration 15 --time-scale 0.1 --path-items 20 --mix get=1 "
        "--services api=/api",
        "truncated", {"truncated": "truncated"}, naive="truncated", workers=2),
    "flaky": Conditions(
        "--clients 10 --rate 8 --duration 25 --time-scale 0.1 --services api=/api "
        "--mix get=.3,upload=.7",
        "upload-growth", {"upload-growth": "upload-growth"}, naive="upload-growth", workers=2),
}
MUTANTS = [(place, mutant) for place, conditions in CONDITIONS.items() for mutant in conditions.mutants]
# Unmarked, it does not say which attempts are of one operation.
GOOD = [*((place, "good") for place in CONDITIONS),
        *((place, "unmarked") for place in ("quiet-outage", "narrow", "flaky"))]
# … and the logs that are reported once more.
TOLD_AGAIN = [*((place, "good") for place in CONDITIONS), ("quiet-outage", "naive"), ("hang", "naive"),
              ("busy-outage", "overshoot"), ("resets", "resumption")]
# What a mutant's rule costs besides, in other groups: it cannot break the one without the other.
ALSO = {
    # Attempts of all operations that failed last come in the first second after the outage, and who
    # makes so many fails a hundred times before a budget would have stopped it.
    "amplification": "hot-loop breaker overshoot", "budget": "breaker overshoot",
    "load-factor": "breaker overshoot",
    # Six attempts with full jitter are at times five within a second; a loop takes many attempts.
    "attempts": "hot-loop", "hot-loop": "attempts",
}


def start(place, client, ca, env, directory):
    conditions = CONDITIONS[place]
    who = {"good": ["--client", "good"], "naive": ["--client", "naive"],
           "unmarked": ["--mark", "none"]}.get(client, ["--mutant", client])
    trust = ["--ca", str(ca)] if conditions.tls else []
    words = f"{conditions.options} {conditions.more.get(client, '')}"
    words = words.replace("{url}", "$PANNE_URL").replace("{item}", "'{item}'")
    url = "https://localhost:${PANNE_URL##*:}" if conditions.tls else "$PANNE_URL"
    script = f'exec /usr/bin/python3 {judged.REFERENCE} "$@" --url {url} {words}'
    with judged.Services(directory) as services:
        return judged.run(place, ["sh", "-c", script, "sh", *who, *trust], directory, env,
                          upstream="embedded" if conditions.embedded else services.url,
                          listen="https" if conditions.tls else "http",
                          options=["--workers", str(conditions.workers)])


class Runs:
    """runs(place, client) is what came of it, as soon as it has."""

    def __init__(self, going):
        self.going = going

    def __call__(self, place, client):
        return self.going[place, client].result()

    def told(self, run, checks):
        """The findings of these checks, and what all checks said of all runs so far."""
        done = {key: each.result() for key, each in self.going.items()
                if each.done() and not each.exception()}
        return f"{run.lines(checks)}\n\n{matrix(done)}"


def matrix(done):
    """A row for each run, a column for each check: F fail, w warn, . pass, - inconclusive."""
    marks = {"fail": "F", "warn": "w", "pass": ".", "inconclusive": "-"}
    checks = sorted({finding["check"] for run in done.values() for finding in run.report["findings"]})
    longest = max(map(len, checks))
    heads = ["".join(f" {check.ljust(longest)[place]}" for check in checks) for place in range(longest)]
    rows = ["".join(f" {marks[run.finding(check)['outcome']]}" for check in checks) +
            f"  {place}: {client}" for (place, client), run in done.items()]
    return "\n".join([*heads, *rows])


def clients_of(item):
    """The runs that a test needs."""
    place, mutant = (item.callspec.params.get(name) for name in ("place", "mutant"))
    if mutant:
        return [(place, mutant)]
    return [(place, item.callspec.params.get("client", "naive"))]


@pytest.fixture(scope="module")
def runs(tmp_path_factory, data_home, ca, request):
    """The runs of the selected tests, several at once: runs(place, client)."""
    wanted = {key: None for item in request.session.items
              if item.module is request.module and hasattr(item, "callspec") for key in clients_of(item)}
    home = tmp_path_factory.mktemp("judged")
    env = helper.environment(home, data_home)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as several:
        going = {key: several.submit(start, *key, ca, env, tmp_path_factory.mktemp("-".join(key)))
                 for key in wanted}
        yield Runs(going)


@pytest.mark.parametrize("place, client", GOOD)
def test_the_good_client_passes(runs, place, client):
    run = runs(place, client)
    wrong = run.having("fail", "warn")
    assert not wrong, runs.told(run, wrong)
    missing = set(CONDITIONS[place].passes.split()) - run.having("pass")
    assert not missing, runs.told(run, missing)
    assert run.status == 0, run.proxy.stderr


@pytest.mark.parametrize("place", [place for place in CONDITIONS if CONDITIONS[place].naive])
def test_the_naive_client_fails_what_is_meant_for_it(runs, place):
    run = runs(place, "naive")
    missing = set(CONDITIONS[place].naive.split()) - run.having("fail")
    assert not missing, runs.told(run, missing)


@pytest.mark.long
@pytest.mark.parametrize("place, mutant", MUTANTS, ids=[mutant for _, mutant in MUTANTS])
def test_a_mutant_is_caught_by_its_check_and_by_none_outside_its_group(runs, place, mutant):
    run, check = runs(place, mutant), CONDITIONS[place].mutants[mutant]
    caught = run.finding(check)
    assert caught["outcome"] == "fail", runs.told(run, [check])
    assert run.status == 1
    outside = {finding["check"] for finding in run.report["findings"]
               if finding["outcome"] in ("fail", "warn") and finding["group"] != caught["group"]}
    outside -= set(ALSO.get(mutant, "").split())
    assert not outside, runs.told(run, outside)


@pytest.mark.parametrize("place, client", TOLD_AGAIN)
def test_the_log_tells_the_same_to_the_byte(runs, place, client):
    run = runs(place, client)
    assert judged.again(run) == run.written


def test_there_is_a_mutant_for_each_check(command):
    listed = subprocess.run(["/usr/bin/python3", str(judged.REFERENCE), "--list-mutants"],
                            capture_output=True, text=True, check=True).stdout
    assert sorted(line.split()[0] for line in listed.splitlines()) == sorted(name for _, name in MUTANTS)
    known = command("checks").stdout
    caught = {check for conditions in CONDITIONS.values() for check in conditions.mutants.values()}
    assert caught == {line.split()[0] for line in known.splitlines() if line[:1].islower() and
                      not line.endswith(":")}
