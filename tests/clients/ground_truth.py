"""What real clients do on the wire, each with one setting: a table to measure against.

A row was recorded before a scripted origin, and test_ground_truth.py checks that it is still so.
`source` is its row of the recordings that this began with (64 configurations, Debian 12), or what else
says it; where only the number of tries was lowered, to save time, the source says so too.
"""
import dataclasses
import functools
import os
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
RETRYING = HERE / "retrying"


@dataclasses.dataclass(frozen=True)
class Client:
    """Of a fault that lasts it makes `attempts`, with `gaps` between their arrivals: (least, most) in
    seconds. `retried` and `kept` are statuses, "reset" (RST for an answer) and "cut" (a body shorter
    than its Content-Length). The fault that lasts is one of `retried`, or of `kept` if there is none."""

    name: str
    command: tuple             # {url} and {build} are replaced
    attempts: int
    gaps: tuple
    retried: tuple
    kept: tuple
    obeys: bool | None         # Retry-After; None: it never waits
    source: str
    aws: bool = False          # speaks DynamoDB: POST, JSON errors
    takes_cut: bool = False    # takes a cut body for whole
    throttled: tuple = ()      # `gaps` after 429, if they differ

    def run(self, url, build, env=None):
        """Whether it says that it succeeded."""
        command = [part.replace("{url}", url).replace("{build}", str(build)) for part in self.command]
        return subprocess.run(command, cwd=HERE, capture_output=True, timeout=100,
                              env={**os.environ, **(env or {})}).returncode == 0


@functools.cache
def built(build):
    """Compile what needs it into this directory, and return that."""
    subprocess.run(["javac", "-d", str(build), str(RETRYING / "Retrying.java")], check=True, timeout=110)
    # Debian has Go's packages there. The module proxy is not asked.
    subprocess.run(["go", "build", "-o", str(build / "retrying"), "retrying.go"], check=True, timeout=110,
                   cwd=RETRYING, env={"GOCACHE": str(build / "gocache"), **os.environ,
                                      "GO111MODULE": "off", "GOPATH": "/usr/share/gocode"})
    return build


def python(name):
    return ("/usr/bin/python3", str(RETRYING / "retrying.py"), name, "{url}")


def node(name):
    return ("node", str(RETRYING / "retrying.mjs"), name, "{url}")


def around(*gaps, late=0.25):
    """Gaps without jitter, up to what a busy machine adds."""
    return tuple((gap - 0.01, gap + late) for gap in gaps)


def between(*ceilings, late=0.25):
    """Gaps with full jitter."""
    return tuple((0, ceiling + late) for ceiling in ceilings)


CURL = ("curl", "--silent", "--fail", "--retry", "3")
SERVER = (503, 500, 502, 504)

CLIENTS = {row.name: row for row in (
    Client("curl", (*CURL, "{url}"), 4, around(1, 2, 4), (*SERVER, 408, 429), (404, 501, "reset", "cut"),
           True, "curl --retry 3"),
    Client("curl-all-errors", (*CURL, "--retry-all-errors", "{url}"), 4, around(1, 2, 4),
           (503, 500, 501, "reset", "cut"), (), True, "curl --retry 3 --retry-all-errors -f"),
    Client("curl-delay", (*CURL, "--retry-delay", "1", "{url}"), 4, around(1, 1, 1), (503,), ("reset",),
           True, "curl --retry 3 --retry-delay 1"),
    Client("wget", ("wget", "-q", "-O", "-", "--tries=4", "--retry-on-http-error=429,500,503", "{url}"), 4,
           around(1, 2, 3), (503, 500, 429, 504, "reset", "cut"), (502, 408), False,
           "wget --retry-on-http-error=429,500,503 --tries=4; wget 1.21 default"),
    Client("requests", python("requests"), 4, around(0, 1, 2), (*SERVER, 429, "reset"), (408, 404, "cut"),
           True, "python requests Retry(3,forcelist,bf=.5)", takes_cut=True),
    Client("urllib3", python("urllib3"), 4, around(0, 0, 0), ("reset", "cut"), (500, 503, 408), True,
           "urllib3 1.26 PoolManager default"),
    Client("boto3-legacy", python("boto3-legacy"), 5, around(0.05, 0.1, 0.2, 0.4), (*SERVER, "reset"),
           (408, 404), False, "boto3 1.26 dynamodb legacy, with 5 attempts of 10", aws=True),
    Client("boto3-standard", python("boto3-standard"), 3, between(1, 2), (*SERVER, 429, "reset"),
           (408, 404), False, "boto3 1.26 kinesis standard", aws=True),
    Client("boto3-adaptive", python("boto3-adaptive"), 3, between(2, 4), (*SERVER, 429, "reset"),
           (408, 404), False, "boto3 1.26 kinesis adaptive", aws=True),
    Client("aws-js", node("aws"), 4, between(0.025, 0.05, 0.1), (*SERVER, 429, "reset", "cut"),
           (408, 404), True, "AWS JS v3 dynamodb", aws=True, throttled=between(1, 2, 4)),
    Client("got", node("got"), 3, around(1, 2), (*SERVER, 408, 429, "reset", "cut"), (404,), True,
           "got 14 default"),
    Client("ky", node("ky"), 3, around(0.3, 0.6), (*SERVER, 408, 429, "reset"), (404, "cut"), True,
           "ky 1.14 default"),
    Client("axios-retry", node("axios-retry"), 4, around(0, 0, 0), (*SERVER, 429, "reset"),
           (408, 404, "cut"), True, "axios-retry 4 default"),
    Client("axios-retry-exponential", node("axios-retry-exponential"), 4,
           ((0.19, 0.5), (0.39, 0.75), (0.79, 1.25)), (*SERVER, 429, "reset"), (408, 404, "cut"), True,
           "axios-retry exponentialDelay"),
    Client("undici", node("undici"), 4, around(0.5, 1, 2), (*SERVER, 429, "reset", "cut"), (408, 404),
           True, "undici 7 RetryAgent default, with 3 retries of 5"),
    Client("p-retry", node("p-retry"), 4, around(1, 2, 4), (*SERVER, 429, "reset"), (), False,
           "p-retry 7 default + fetch, with 3 retries of 10"),
    Client("cockatiel", node("cockatiel"), 4, between(0.5, 1.5, 4.5), (*SERVER, 429, "reset"), (), False,
           "cockatiel 3 retry(3,Exp)+fetch"),
    Client("fetch", node("fetch"), 1, (), (), (503, 429, "reset", "cut"), None, "node20 fetch"),
    Client("go", ("{build}/retrying", "plain", "{url}"), 1, (), (), (503, 429, "reset", "cut"), None,
           "Go 1.19 net/http default"),
    Client("go-retryable", ("{build}/retrying", "retryable", "{url}"), 4, around(1, 2, 4),
           (*SERVER, 429, "reset"), (408, 501, "cut"), True,
           "go-retryablehttp 0.7.1 with 3 retries of 4: DefaultBackoff, DefaultRetryPolicy"),
    Client("java", ("java", "-cp", "{build}", "Retrying", "{url}"), 2, around(0), ("reset",),
           (503, 429, "cut"), None, "Java 17 HttpClient"),
)}
