"""The reference clients through panne: *good* passes, *naive* fails, and each mutant is caught by the
check of its rule, and by none outside that check's group."""
import concurrent.futures
import dataclasses
import subprocess

import pytest

import judged
import panne as helper

AT_ONCE = 16


@dataclasses.dataclass(frozen=True)
class Conditions:
    """A scenario of verdict/, and how the clients are run in it."""

    options: str
    passes: str                # by the good client
    mutants: dict              # and the check that each fails
    naive: str = ""            # that the naive client fails
    naive_options: str = ""    # besides
    tls: bool = False
    trusted: bool = True
    embedded: bool = False
    workers: int = 1


CONDITIONS = {
    "quiet-outage": Conditions(
        "--clients 16 --rate 1.6 --duration 104 --arrivals even --services api=/api --mix get=1 "
        "--fallback {url}/copy",
        "amplification attempts budget load-factor fallback churn logout token-storm synchrony reuse",
        {name: name for name in ("amplification budget load-factor synchrony logout token-storm fallback "
                                 "churn").split()},
        naive="amplification attempts budget load-factor logout token-storm fallback hot-loop reuse",
        naive_options="--clients 10"),
    "busy-outage": Conditions(
        "--clients 20 --rate 2.5 --duration 104 --arrivals even --services api=/api --mix get=1",
        "breaker probes recovery overshoot metastability",
        {name: name for name in "breaker probes recovery overshoot metastability".split()},
        naive="breaker metastability", naive_options="--clients 16 --rate 1.5"),
    "narrow": Conditions(
        "--clients 40 --rate 4 --duration 40 --arrivals even --services api=/api "
        "--mix get=.6,post=.2,bare=.2 --path-items 1000 --set burst=40",
        "backoff backoff-ceiling hot-loop jitter attempts unsafe-repeats key-stability synchrony",
        {name: name for name in "attempts backoff backoff-ceiling hot-loop jitter unsafe-repeats "
         "key-stability".split()},
        naive="attempts hot-loop unsafe-repeats", naive_options="--clients 10"),
    "hang": Conditions(
        "--clients 16 --rate 6 --duration 68 --time-scale 0.2 --grace 4 --arrivals even --mix get=1",
        "timeout open-hangs bulkhead",
        {"timeout": "timeout", "open-hang": "open-hangs", "bulkhead": "bulkhead"},
        naive="open-hangs bulkhead"),
    "retry-after": Conditions(
        "--clients 40 --rate 3 --duration 25 --time-scale 0.2 --mix get=1 --services api=/api",
        "retry-after retry-after-herd",
        {"retry-after": "retry-after", "retry-after-herd": "retry-after-herd"},
        naive="retry-after"),
    "long-wait": Conditions(
        "--clients 40 --rate 2 --duration 60 --time-scale 0.1 --mix get=1 --services api=/api",
        "deadline", {"deadline": "deadline"}),
    "slow": Conditions(
        "--clients 20 --rate 5 --duration 20 --time-scale 0.2 --mix get=1 --auth= --services api=/delay "
        "--path-reads /{item} --path-items 200",
        "eager-timeouts", {"eager-timeout": "eager-timeouts"}, embedded=True),
    "not-found": Conditions(
        "--clients 20 --rate 8 --duration 25 --time-scale 0.3 --services api=/api --path-items 1000 "
        "--set burst=60 --mix get=1",
        "final-errors reuse", {"final-errors": "final-errors", "reuse": "reuse"},
        naive="final-errors reuse"),
    "resets": Conditions(
        "--clients 10 --rate 8 --duration 20 --time-scale 0.1 --services api=/api",
        "resumption", {"resumption": "resumption"}, naive="resumption", tls=True),
    "wrong-certificate": Conditions(
        "--clients 6 --rate 5 --duration 10 --time-scale 0.1",
        "bad-certificate", {"bad-certificate": "bad-certificate"}, naive="bad-certificate", tls=True),
    "cut": Conditions(
        "--clients 10 --rate 10 --duration 15 --time-scale 0.1 --path-items 20 --mix get=1 "
        "--services api=/api",
        "truncated", {"truncated": "truncated"}, naive="truncated"),
    "flaky": Conditions(
        "--clients 10 --rate 8 --duration 25 --time-scale 0.1 --services api=/api "
        "--mix get=.3,upload=.7",
        "upload-growth", {"upload-growth": "upload-growth"}, naive="upload-growth"),
}
MUTANTS = [(place, mutant) for place, conditions in CONDITIONS.items() for mutant in conditions.mutants]
# What a mutant's rule costs besides, in other groups: it cannot break the one without the other.
ALSO = {
}


def start(place, client, services, ca, env, directory):
    conditions = CONDITIONS[place]
    who = ["--client", client] if client in ("good", "naive") else ["--mutant", client]
    trust = ["--ca", str(ca)] if conditions.tls else []
    more = conditions.naive_options.split() if client == "naive" else []
    words = " ".join([*conditions.options.split(), *more]).replace("{url}", "$PANNE_URL").replace(
        "{item}", "'{item}'")
    url = "https://localhost:${PANNE_URL##*:}" if conditions.tls else "$PANNE_URL"
    script = f'exec /usr/bin/python3 {judged.REFERENCE} "$@" --url {url} {words}'
    return judged.run(place, ["sh", "-c", script, "sh", *who, *trust], directory, env,
                      upstream="embedded" if conditions.embedded else services.url,
                      listen="https" if conditions.tls else "http")


def clients_of(item):
    """The runs that a test needs."""
    place, mutant = (item.callspec.params.get(name) for name in ("place", "mutant"))
    if mutant:
        return [(place, mutant)]
    return [(place, "naive" if "naive" in item.name else "good")]


@pytest.fixture(scope="module")
def runs(tmp_path_factory, data_home, ca, request):
    """The runs of the selected tests, several at once: runs(place, client)."""
    wanted = {key: None for item in request.session.items
              if item.module is request.module and hasattr(item, "callspec") for key in clients_of(item)}
    home = tmp_path_factory.mktemp("judged")
    env = helper.environment(home, data_home)
    with judged.Services(tmp_path_factory.mktemp("services")) as services, \
            concurrent.futures.ThreadPoolExecutor(AT_ONCE) as several:
        going = {key: several.submit(start, *key, services, ca, env,
                                     tmp_path_factory.mktemp("-".join(key))) for key in wanted}
        yield lambda *key: going[key].result()


def lines(run, checks):
    return "\n".join(run.line(check) for check in sorted(checks))


@pytest.mark.parametrize("place", CONDITIONS)
def test_the_good_client_passes(runs, place):
    run = runs(place, "good")
    wrong = run.having("fail", "warn")
    assert not wrong, lines(run, wrong)
    missing = set(CONDITIONS[place].passes.split()) - run.having("pass")
    assert not missing, lines(run, missing)
    assert run.status == 0, run.proxy.stderr


@pytest.mark.parametrize("place", [place for place in CONDITIONS if CONDITIONS[place].naive])
def test_the_naive_client_fails_what_is_meant_for_it(runs, place):
    run = runs(place, "naive")
    missing = set(CONDITIONS[place].naive.split()) - run.having("fail")
    assert not missing, lines(run, missing)


@pytest.mark.parametrize("place, mutant", MUTANTS, ids=[mutant for _, mutant in MUTANTS])
def test_a_mutant_is_caught_by_its_check_and_by_none_outside_its_group(runs, place, mutant):
    run, check = runs(place, mutant), CONDITIONS[place].mutants[mutant]
    assert run.outcome(check) == "fail", lines(run, [check])
    assert run.status == 1
    group = run.findings[check]["group"]
    outside = {other for other in run.having("fail", "warn") if run.findings[other]["group"] != group}
    assert outside == set(ALSO.get(mutant, {})), lines(run, outside)


def test_there_is_a_mutant_for_each_check(command):
    listed = subprocess.run(["/usr/bin/python3", str(judged.REFERENCE), "--list-mutants"],
                            capture_output=True, text=True, check=True).stdout
    assert sorted(line.split()[0] for line in listed.splitlines()) == sorted(name for _, name in MUTANTS)
    known = command("checks").stdout
    caught = {check for conditions in CONDITIONS.values() for check in conditions.mutants.values()}
    assert caught == {line.split()[0] for line in known.splitlines() if line[:1].islower() and
                      not line.endswith(":")}
