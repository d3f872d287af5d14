"""Real clients through panne, whose faults they meet: what the verdict is based on (operations, their
attempts, the pauses between them, Retry-After) is what tests/clients/ground_truth.py says of them."""
import concurrent.futures
import json
import sys

import pytest

import judged
import panne as helper
from recording import Answer, Recorder

sys.path.insert(0, str(helper.ROOT / "tests" / "clients"))

import ground_truth  # noqa: E402
from ground_truth import CLIENTS  # noqa: E402

AT_ONCE = 8
CALM = b"Those who ask get this. " * 20
# A 408 whose type is RequestTimeout would be repeated for its type.
AWS_TYPES = {408: "Unheard", 429: "ThrottlingException", 404: "ResourceNotFoundException",
             500: "InternalServerError"}
MOST = 12  # attempts, of any client here


def fault(client, kind, wait=0):
    """The fault of a rule, in YAML."""
    if kind == "reset":
        return "reset: {at: request}"
    if kind == "cut":
        return "truncate: {after: 10B}"
    template = f"template: aws-json-1.0, code: {AWS_TYPES.get(kind, 'ServiceUnavailable')}"
    parts = [f"status: {kind}", template if client.aws else "", f"retry-after: {wait}s" if wait else ""]
    return f"error: {{{', '.join(filter(None, parts))}}}"


def scenario(client, faults, last=False, wait=0):
    """The first attempts meet these faults; if `last`, the others the same again and again."""
    meet = [faults[place % len(faults)] for place in range(MOST if last else len(faults))]
    rules = [f"      - {{service: all, nth: {place}, {fault(client, kind, wait)}}}"
             for place, kind in enumerate(meet, 1)]
    return "\n".join(["panne: 1", "seed: 1", "services: {all: {match: {}}}", "phases:", "  - name: bad",
                      "    faults:", *rules, ""])


def fine(client):
    def rule(request, seconds):
        if "range" in request.headers:
            first = int(request.headers["range"].removeprefix("bytes=").partition("-")[0])
            place = f"bytes {first}-{len(CALM) - 1}/{len(CALM)}"
            return Answer(206, (("Content-Range", place),), CALM[first:])
        kind = "application/x-amz-json-1.0" if client.aws else "text/plain"
        return Answer(headers=(("Content-Type", kind),), body=b'{"TableNames": []}' if client.aws else CALM)
    return rule


def lasting(client):
    """The faults of one run: every status that it retries, in turn; throttles apart. 501 is final to
    panne: what comes after it is another operation."""
    statuses = [kind for kind in client.retried if isinstance(kind, int) and kind not in (429, 501)]
    return statuses or [*client.retried, *client.kept][:1]


def cases():
    for name, client in CLIENTS.items():
        yield name, "lasting", {"faults": lasting(client), "last": True}
        if client.throttled:
            yield name, "throttled", {"faults": [429], "last": True}
        if client.obeys is not None:
            yield name, "told", {"faults": [503], "wait": 2}
        for kind in (*client.retried, *client.kept):
            if kind not in (*lasting(client), 501):
                yield name, str(kind), {"faults": [kind]}


CASES = {(name, case): how for name, case, how in cases()}
SOON = ("lasting", "throttled", "told")


class Seen:
    """What panne saw of the client, run so many times at once."""

    def __init__(self, name, how, build, directory, env, times=1):
        client = CLIENTS[name]
        path = directory / "scenario.yaml"
        path.write_text(scenario(client, **how))
        # The word with PANNE_URL is the shell's to expand, and no other.
        words = " ".join('"$PANNE_URL/"' if part == "{url}" else f"'{part.replace('{build}', str(build))}'"
                         for part in client.command)
        # Straight to the listener, and not by way of the proxy that panne is besides.
        script = ("unset http_proxy HTTP_PROXY all_proxy ALL_PROXY JAVA_TOOL_OPTIONS; "
                  f"cd '{ground_truth.HERE}'; " + f"{{ {words} >&2; }} & " * (times - 1) +
                  words + ' >&2; echo "{\\"status\\": $?}"; wait')
        with Recorder(fine(client)) as origin:
            run = judged.run(path, ["sh", "-c", script], directory, env, upstream=origin.url)
        self.run, self.report = run, run.report
        self.succeeded = run.told["status"] == 0
        self.attempts = self.report["total"]["attempts"]
        self.several = self.report["operations"]["worst"]
        self.steps = self.several[0]["steps"] if self.several else []
        self.gaps = [later["began_s"] - step["began_s"] for step, later in zip(self.steps, self.steps[1:])]

    def told(self):
        return json.dumps({"attempts": self.attempts, "gaps": self.gaps, "operations": self.several},
                          indent=1) + self.run.proxy.stderr


@pytest.fixture(scope="module")
def seen(clients, tmp_path_factory, data_home, request):
    """The runs of the selected tests, several at once: seen(client, case)."""
    selected = {(item.callspec.params["name"], item.callspec.params["case"])
                for item in request.session.items
                if item.module is request.module and hasattr(item, "callspec")}
    build = ground_truth.built(tmp_path_factory.mktemp("retrying"))
    env = helper.environment(tmp_path_factory.mktemp("truth"), data_home)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as several:
        going = {(name, case): several.submit(
            Seen, name, how, build, tmp_path_factory.mktemp(f"{name}-{case}"), env,
            times=3 if case == "together" else 1)
            for (name, case), how in [*CASES.items(), *TOGETHER.items()] if (name, case) in selected}
        yield lambda *key: going[key].result()


def assert_gaps(seen, expected):
    assert len(seen.gaps) == len(expected), seen.told()
    assert all(least <= gap <= most for gap, (least, most) in zip(seen.gaps, expected)), seen.told()


def assert_one_operation(client, seen, attempts):
    """All attempts are one operation's, and the report says how that is known."""
    total = seen.report["total"]
    assert (total["attempts"], total["operations"], total["retries"]) == (
        attempts, 1, attempts - 1), seen.told()
    if attempts > 1:
        assert seen.several[0]["attempts"] == attempts
        assert seen.several[0]["tie"] == ("marker" if client.aws else "likeness"), seen.told()
        assert seen.report["tied_by_markers"] == (1 if client.aws else 0)


def marked(name, case):
    return pytest.param(name, case, id=f"{name}-{case}", marks=[] if case in SOON else [pytest.mark.long])


@pytest.mark.parametrize("name, case", [marked(*key) for key in CASES])
def test_the_verdict_sees_what_the_client_does(seen, name, case):
    client, run = CLIENTS[name], seen(name, case)
    if case == "lasting":
        assert not run.succeeded
        assert_one_operation(client, run, client.attempts)
        assert_gaps(run, client.gaps)
    elif case == "throttled":
        assert_gaps(run, client.throttled)
    elif case == "told":
        assert run.succeeded
        assert_one_operation(client, run, 2)
        assert run.steps[0]["retry_after_s"] == 2
        waited = run.steps[1]["began_s"] - run.steps[0]["ended_s"]
        assert (1.95 <= waited <= 3.1) == client.obeys, run.told()
        early = run.run.finding("retry-after")["proofs"]["total"]
        assert early == (0 if client.obeys else 1), run.told()
    elif case in map(str, client.retried):
        assert run.succeeded
        assert_one_operation(client, run, 2)
    else:
        assert run.succeeded == (case == "cut" and client.takes_cut), run.told()
        assert_one_operation(client, run, 1)


TOGETHER = {(name, "together"): {"faults": [503], "last": True}
            for name, client in CLIENTS.items() if client.aws}


@pytest.mark.parametrize("name, case", TOGETHER, ids=[name for name, _ in TOGETHER])
def test_calls_that_look_alike_are_told_apart_by_their_markers(seen, name, case):
    client, run = CLIENTS[name], seen(name, case)
    assert [each["attempts"] for each in run.several] == [client.attempts] * 3, run.told()
    assert {each["tie"] for each in run.several} == {"marker"}
    assert run.report["total"]["operations"] == 3
