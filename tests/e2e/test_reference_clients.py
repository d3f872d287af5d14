"""The reference clients against an origin that notes what they do: each mutant breaks its rule, where
the good client under the same conditions keeps it."""
import cmath
import concurrent.futures
import dataclasses
import email.utils
import itertools
import json
import math
import random
import statistics
import subprocess
import time
import typing

import pytest

import panne as helper
from recording import Answer, Recorder

PROGRAM = helper.ROOT / "tests" / "clients" / "reference"
AT_ONCE = 8
OK, DOWN = Answer(), Answer(503)


class Run:
    """What came of a run: the origin's requests, the fallback's, and the client's own account."""

    def __init__(self, origin, fallback, told):
        self.origin, self.told = origin, told
        self.fallbacks = fallback.requests
        every = list(origin.requests)
        self.auth = [request for request in every if request.path.startswith("/oauth2")]
        self.work = [request for request in every if not request.path.startswith("/oauth2")]
        self.operations = {}
        for request in self.work:
            if request.operation:
                self.operations.setdefault(request.operation, []).append(request)

    def gaps(self, retry):
        """Seconds from the end of attempt `retry` to the next."""
        return [tries[retry].at - tries[retry - 1].ended for tries in self.operations.values()
                if len(tries) > retry]

    def most(self, seconds, since=0.0, until=math.inf):
        """The most requests within so many seconds."""
        times = sorted(request.at for request in self.between(since, until))
        return max((sum(1 for _ in itertools.takewhile(lambda at: at < first + seconds, times[place:]))
                    for place, first in enumerate(times)), default=0)

    def between(self, since, until):
        return [request for request in self.work if since <= request.at - self.origin.begun < until]

    def rate(self, since, until):
        return len(self.between(since, until)) / (until - since)

    def tries(self, since=0.0):
        """Attempts of an operation on average, of those that began and failed since."""
        tried = [len(tries) for tries in self.operations.values()
                 if tries[0].at - self.origin.begun >= since and tries[0].status != 200]
        return statistics.fmean(tried)


def spread(gaps):
    return statistics.stdev(gaps) / statistics.fmean(gaps)


def synchrony(run, tick):
    """Rayleigh's R of the retries' times, for a period."""
    turns = [cmath.exp(2j * math.pi * request.at / tick) for tries in run.operations.values()
             for request in tries[1:]]
    return abs(sum(turns)) / len(turns)


def came_back(run):
    """For each client the first request after a Retry-After of one second: seconds after that."""
    waits = []
    for client in {request.client for request in run.work}:
        mine = [request for request in run.work if request.client == client]
        told = [request.ended for request in mine if request.status == 503]
        if told:
            waits.append(min(request.at for request in mine if request.at > told[0]) - told[0] - 1)
    return waits


def patience(run):
    """The longest that a client waited for an answer that did not come."""
    return max((request.ended - request.at for request in run.work if request.left), default=0)


def totals(run):
    """How long operations without an answer took, in seconds."""
    return [tries[-1].ended - tries[0].at for tries in run.operations.values() if tries[-1].left]


def within(run, seconds):
    """The most attempts of an operation in so many seconds."""
    return max(sum(1 for other in tries if 0 <= other.at - first.at <= seconds)
               for tries in run.operations.values() for first in tries)


def asked_with(run, etag):
    return sum(request.headers.get("if-none-match") == etag for request in run.work)


@dataclasses.dataclass(frozen=True)
class Conditions:
    """`broken` has for each mutant what is true of it, and not of the good client."""

    rule: typing.Callable
    options: str
    broken: dict
    naive: str = ""            # what of `broken` the naive client breaks too
    tls: bool = False
    trusted: bool = True


def narrow(request, seconds):
    return DOWN if request.item == 0 else OK


def outage(since, until):
    def rule(request, seconds):
        return DOWN if request.path.startswith("/api") and since <= seconds < until else OK
    return rule


def hang(request, seconds):
    return Answer(hangs=True) if request.path.startswith("/api") else OK


def told_to_wait(request, seconds):
    down = not request.path.startswith("/oauth2") and 0.3 <= seconds < 0.8
    return Answer(503, (("Retry-After", "1"),)) if down else OK


def resetting():
    rng = random.Random(5)
    return lambda request, seconds: Answer(resets=True) if rng.random() < 0.3 else OK


def flaky():
    rng = random.Random(6)
    return lambda request, seconds: DOWN if rng.random() < 0.3 else OK


def slow():
    rng = random.Random(7)
    return lambda request, seconds: Answer(delay=rng.uniform(0.02, 0.2))


def cutting(request, seconds):
    if request.item == 0:
        return Answer(headers=(("ETag", '"cut"'),), body=b"whole" * 100, sent=250)
    return Answer(headers=(("ETag", '"whole"'),))


CONDITIONS = {
    "narrow": Conditions(
        narrow, "--clients 40 --rate 4 --duration 3 --time-scale 0.2 --path-items 10 --arrivals even "
        "--mix get=.5,post=.25,bare=.25", {
            "attempts": lambda run: max(map(len, run.operations.values())) > 3,
            "backoff": lambda run: statistics.fmean(run.gaps(2)) < 1.4 * statistics.fmean(run.gaps(1)),
            "backoff-ceiling": lambda run: max(run.gaps(2)) > 1,
            "hot-loop": lambda run: within(run, 0.5) > 5,
            "jitter": lambda run: spread(run.gaps(1)) < 0.3 and spread(run.gaps(2)) < 0.3,
            "unsafe-repeats": lambda run: any(
                len(tries) > 1 for tries in run.operations.values() if tries[0].path == "/api/notes"),
            "key-stability": lambda run: any(
                len({request.headers.get("idempotency-key") for request in tries}) > 1
                for tries in run.operations.values() if tries[0].path == "/api/orders"),
        }, naive="attempts hot-loop unsafe-repeats"),
    "outage": Conditions(
        outage(0.6, 2.6), "--clients 12 --rate 4 --duration 2.6 --time-scale 0.1 --arrivals even "
        "--services api=/api", {
            "amplification": lambda run: run.tries(0.7) > 3,
            "budget": lambda run: run.tries(1.6) > 2,
            "load-factor": lambda run: run.rate(1, 2.5) > 3 * run.rate(0, 0.6) and run.tries(0.7) < 1.5,
            "synchrony": lambda run: synchrony(run, 0.05) > 0.6,
            "logout": lambda run: any(request.path == "/oauth2/revoke" for request in run.auth),
            "token-storm": lambda run: sum(r.path == "/oauth2/token" for r in run.auth) > 24,
            "fallback": lambda run: not run.fallbacks,
            "churn": lambda run: run.origin.connections > 0.5 * sum(r.status == 503 for r in run.work),
        }, naive="amplification budget logout token-storm fallback churn"),
    "long-outage": Conditions(
        outage(0.8, 2.6), "--clients 2 --rate 40 --duration 6.5 --time-scale 0.1 --arrivals even "
        "--services api=/api --mix get=1", {
            "breaker": lambda run: run.rate(1.6, 2.6) > 0.3 * run.rate(0, 0.8),
            "probes": lambda run: run.most(0.1, 1.5, 2.6) > 10,
            "recovery": lambda run: run.rate(5.3, 6.3) < 0.8 * run.rate(0, 0.8),
            "overshoot": lambda run: run.most(0.1, 2.6) > 4 * run.most(0.1, 0, 0.8),
            "metastability": lambda run: run.rate(5.3, 6.3) > 1.7 * run.rate(0, 0.8),
        }, naive="breaker metastability"),
    "hang": Conditions(
        hang, "--clients 4 --rate 20 --duration 2 --time-scale 0.04 --grace 3.5 --mix get=1 "
        "--arrivals even", {
            "timeout": lambda run: 3.5 < patience(run) < 4.2,
            "open-hang": lambda run: patience(run) > 4.2,  # to the end of the run
            "deadline": lambda run: any(0.67 < total < 3 for total in totals(run)),
            "bulkhead": lambda run: sum(request.path.startswith("/static") for request in run.work)
            < 0.7 * (4 * 20 * 2 / 2),
        }, naive="open-hang bulkhead"),
    "retry-after": Conditions(
        told_to_wait, "--clients 40 --rate 3 --duration 2.8 --time-scale 0.3 --mix get=1 "
        "--services api=/api", {
            "retry-after": lambda run: sum(wait < -0.02 for wait in came_back(run)) > 10,
            "retry-after-herd": lambda run: sum(-0.02 < wait < 0.05 for wait in came_back(run))
            > 0.6 * len(came_back(run)),
        }, naive="retry-after"),
    "slow": Conditions(
        slow(), "--clients 10 --rate 4 --duration 1.5 --mix get=1", {
            "eager-timeout": lambda run: sum(request.left for request in run.work) > 10,
        }),
    "not-found": Conditions(
        lambda request, seconds: Answer(404) if request.item == 0 else OK,
        "--clients 20 --rate 5 --duration 1 --time-scale 0.1 --path-items 5", {
            "final-errors": lambda run: max(map(len, run.operations.values())) > 1,
        }, naive="final-errors"),
    "calm": Conditions(
        lambda request, seconds: OK, "--clients 5 --rate 10 --duration 1.5 --mix get=.8,post=.2", {
            "reuse": lambda run: run.origin.connections > 0.9 * len(run.work),
        }, naive="reuse"),
    "resets": Conditions(
        resetting(), "--clients 5 --rate 10 --duration 2 --time-scale 0.1 --services api=/api", {
            "resumption": lambda run: sum(run.origin.handshakes) < 0.3 * len(run.origin.handshakes),
        }, naive="resumption", tls=True),
    "wrong-certificate": Conditions(
        lambda request, seconds: OK, "--clients 3 --rate 5 --duration 1 --time-scale 0.1", {
            "bad-certificate": lambda run: len(run.work) + len(run.auth) > 0,
        }, naive="bad-certificate", tls=True, trusted=False),
    "cut": Conditions(
        cutting, "--clients 10 --rate 10 --duration 1.5 --time-scale 0.1 --path-items 5 --mix get=1 "
        "--services api=/api", {
            "truncated": lambda run: asked_with(run, '"cut"') > 0,
        }, naive="truncated"),
    "flaky": Conditions(
        flaky(), "--clients 5 --rate 10 --duration 1.5 --time-scale 0.1 --mix get=.3,upload=.7", {
            "upload-growth": lambda run: max(len(request.body) for request in run.work) > 4096,
        }, naive="upload-growth"),
}
MUTANTS = [(place, mutant) for place, conditions in CONDITIONS.items() for mutant in conditions.broken]


def start(place, client, authority):
    """Run a client under the conditions."""
    conditions = CONDITIONS[place]
    who = ["--client", client] if client in ("good", "naive") else ["--mutant", client]
    with Recorder(conditions.rule, authority.context() if conditions.tls else None) as origin, \
            Recorder(lambda request, seconds: OK) as fallback:
        trust = ["--ca", str(authority.certificate)] if conditions.tls and conditions.trusted else []
        done = subprocess.run(
            ["/usr/bin/python3", str(PROGRAM), *who, *trust, "--url", origin.url, "--fallback",
             fallback.url + "/copy", *conditions.options.split()],
            capture_output=True, text=True, timeout=60)
        assert done.returncode == 0 and not done.stderr, done.stderr
        return Run(origin, fallback, json.loads(done.stdout))


def clients_of(item):
    """The runs that a test needs."""
    place, mutant = (item.callspec.params.get(name) for name in ("place", "mutant"))
    return [(place, client) for client in ((mutant, "good") if mutant else ("naive",)) if place]


@pytest.fixture(scope="module", autouse=True)
def runs(authority, request):
    """The runs of the selected tests, several at once: runs(conditions, client)."""
    wanted = {key: None for item in request.session.items
              if item.module is request.module and hasattr(item, "callspec") for key in clients_of(item)}
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as several:
        going = {key: several.submit(start, *key, authority) for key in wanted}
        yield lambda *key: going[key].result()


@pytest.mark.parametrize("name, value, least, most", [
    ("Retry-After", "1", 1, 1.6), ("x-amz-retry-after", "700", 0.7, 1.2),
    ("Retry-After", lambda: email.utils.formatdate(time.time() + 2, usegmt=True), 0.9, 3.1)])
def test_the_good_client_waits_as_told_in_any_form(name, value, least, most):
    def rule(request, seconds):
        told = value if isinstance(value, str) else value()
        return OK if seconds else Answer(503, ((name, told),))

    with Recorder(rule) as origin:
        done = subprocess.run(["/usr/bin/python3", str(PROGRAM), "--url", origin.url, "--arrivals", "even",
                               "--rate", "4", "--duration", "0.25", "--auth", "", "--mix", "get=1"],
                              capture_output=True, text=True, timeout=60)
    told = json.loads(done.stdout)
    assert (told["succeeded"], told["retry_after_seen"], len(origin.requests)) == (1, 1, 2)
    assert least <= origin.requests[1].at - origin.requests[0].at <= most


@pytest.mark.parametrize("place, mutant", MUTANTS, ids=[mutant for _, mutant in MUTANTS])
def test_a_mutant_breaks_its_rule_and_the_good_client_keeps_it(runs, place, mutant):
    broken = CONDITIONS[place].broken[mutant]
    assert broken(runs(place, mutant)), "the mutant"
    assert not broken(runs(place, "good")), "the good client"


@pytest.mark.parametrize("place", [place for place in CONDITIONS if CONDITIONS[place].naive])
def test_the_naive_client_breaks_them_too(runs, place):
    run = runs(place, "naive")
    kept = [rule for rule in CONDITIONS[place].naive.split() if not CONDITIONS[place].broken[rule](run)]
    assert not kept


def test_there_is_a_test_for_each_mutant():
    listed = subprocess.run(["/usr/bin/python3", str(PROGRAM), "--list-mutants"], capture_output=True,
                            text=True, check=True).stdout
    assert sorted(line.split()[0] for line in listed.splitlines()) == sorted(name for _, name in MUTANTS)
