"""Real clients straight before an origin that notes what they do: tests/clients/ground_truth.py is true."""
import concurrent.futures
import json
import sys

import pytest

import panne as helper
from recording import Answer, Recorder

sys.path.insert(0, str(helper.ROOT / "tests" / "clients"))

import ground_truth  # noqa: E402
from ground_truth import CLIENTS  # noqa: E402

pytestmark = pytest.mark.long
AT_ONCE = 8
CALM = b"Those who ask get this. " * 20
# A 408 whose type is RequestTimeout would be repeated for its type.
AWS_TYPES = {408: "Unheard", 429: "ThrottlingException", 404: "ResourceNotFoundException",
             500: "InternalServerError"}


def failing(client, fault, headers=()):
    if fault == "reset":
        return Answer(resets=True)
    if fault == "cut":
        return Answer(body=CALM, sent=100)
    body = json.dumps({"__type": AWS_TYPES.get(fault, "ServiceUnavailable"), "message": "no"}).encode()
    kind = ("Content-Type", "application/x-amz-json-1.0" if client.aws else "application/json")
    return Answer(fault, (kind, *headers), body)


def fine(client, request):
    if "range" in request.headers:
        first = int(request.headers["range"].removeprefix("bytes=").partition("-")[0])
        place = f"bytes {first}-{len(CALM) - 1}/{len(CALM)}"
        return Answer(206, (("Content-Range", place),), CALM[first:])
    kind = "application/x-amz-json-1.0" if client.aws else "text/plain"
    return Answer(headers=(("Content-Type", kind),), body=b'{"TableNames": []}' if client.aws else CALM)


class Seen:
    def __init__(self, client, build, *faults, headers=(), last=False):
        """The origin answers by the faults, then well, or if `last` by the faults again and again."""
        def rule(request, seconds):
            place = next(places)
            if place >= len(faults) and not last:
                return fine(client, request)
            return failing(client, faults[place % len(faults)], headers)

        places = iter(range(10_000))
        with Recorder(rule) as origin:
            self.succeeded = client.run(origin.url + "/", build)
        self.attempts = len(origin.requests)
        times = [request.at for request in origin.requests]
        self.gaps = [later - at for at, later in zip(times, times[1:])]

    def told(self):
        return f"{'success' if self.succeeded else 'failure'} {self.attempts} " + \
            " ".join(f"{gap:.3f}" for gap in self.gaps)


def lasting(client):
    """The faults of one run: every status it retries, in turn; throttles apart."""
    statuses = [fault for fault in client.retried if isinstance(fault, int) and fault != 429]
    return statuses or [*client.retried, *client.kept][:1]


def cases():
    for name, client in CLIENTS.items():
        yield name, "lasting", dict(faults=lasting(client), last=True)
        if client.throttled:
            yield name, "throttled", dict(faults=[429], last=True)
        if client.obeys is not None:
            yield name, "told", dict(faults=[503], headers=(("Retry-After", "2"),))
        for fault in (*client.retried, *client.kept):
            if fault not in lasting(client):
                yield name, str(fault), dict(faults=[fault])


CASES = {(name, case): how for name, case, how in cases()}


@pytest.fixture(scope="module")
def seen(clients, tmp_path_factory, request):
    """The runs of the selected tests, several at once: seen(client, case)."""
    selected = {(item.callspec.params["name"], item.callspec.params["case"])
                for item in request.session.items if item.module is request.module}
    build = ground_truth.built(tmp_path_factory.mktemp("retrying"))
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as several:
        going = {(name, case): several.submit(Seen, CLIENTS[name], build, *how["faults"],
                                              headers=how.get("headers", ()), last=how.get("last", False))
                 for (name, case), how in CASES.items() if (name, case) in selected}
        yield lambda *key: going[key].result()


def assert_gaps(run, expected):
    assert len(run.gaps) == len(expected), run.told()
    assert all(least <= gap <= most for gap, (least, most) in zip(run.gaps, expected)), run.told()


@pytest.mark.parametrize("name, case", CASES, ids=[f"{name}-{case}" for name, case in CASES])
def test_it_does_what_the_table_says(seen, name, case):
    client, run = CLIENTS[name], seen(name, case)
    if case == "lasting":
        assert (run.attempts, run.succeeded) == (client.attempts, False), run.told()
        assert_gaps(run, client.gaps)
    elif case == "throttled":
        assert_gaps(run, client.throttled)
    elif case == "told":
        assert run.succeeded and run.attempts == 2, run.told()
        assert (1.99 <= run.gaps[0] <= 3.1) == client.obeys, run.told()
    elif case in map(str, client.retried):
        assert run.succeeded and run.attempts == 2, run.told()
    else:
        assert (run.attempts, run.succeeded) == (1, case == "cut" and client.takes_cut), run.told()
