"""The recipes before clients that have a base URL: requests, urllib3's Retry, http.client, boto3, Node's
fetch and curl see what panne-recipes(7) says."""
import http.client
import statistics
import time
import urllib.parse

import boto3
import botocore.config
import pytest
import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from origins import ForEver, answer, read_request
from panne import wait_until
from ways import events, run, wait_events, wait_requests


@pytest.fixture
def recipe(panne):
    """Start a recipe in front of the embedded origin, or of another upstream."""
    def start(name, *settings, listen="http", upstream="embedded", seed=7):
        words = [word for each in settings for word in ("--set", each)]
        return panne("run", f"recipes/{name}", "--listen", f"{listen}://127.0.0.1:0", "--upstream",
                     upstream, "--seed", seed, *words)
    return start


def session(**retry):
    made = requests.Session()
    made.mount("http://", HTTPAdapter(max_retries=Retry(**retry)))
    return made


@pytest.fixture
def fetch(environment, ca):
    """What Node's fetch comes to: a status and a length, or the code or words of its error."""
    script = ("fetch(process.argv[1]).then(async r => console.log(r.status, (await r.text()).length))"
              ".catch(e => console.log(e.cause?.code ?? e.cause?.message ?? e.message))")

    def call(url):
        done = run("node", "-e", script, url, env={**environment, "NODE_EXTRA_CA_CERTS": str(ca)})
        return done.stdout.strip()
    return call


def test_flaky_5xx_is_what_retries_are_for(recipe):
    proxy = recipe("flaky-5xx", "share=30%")
    with session(total=10, status_forcelist=[503]) as client:
        assert {client.get(f"{proxy.url()}/status/200?{n}").status_code for n in range(40)} == {200}
    seen = [event["status"] for event in wait_requests(proxy, 40)]
    assert proxy.stop() == 0
    assert seen.count(503) >= 5 and {event["rule"] for event in events(proxy, "fault")} == {"flaky#1"}


def test_fail_twice_tells_who_tries_how_often(recipe):
    proxy = recipe("fail-twice-then-succeed")
    url = proxy.url() + "/status/200"
    assert [requests.get(url).status_code for _ in range(4)] == [503, 503, 200, 200]
    with session(total=2, status_forcelist=[503]) as client:
        assert client.get(proxy.url() + "/bytes/1").status_code == 200
        assert client.post(proxy.url() + "/echo", data="x").status_code == 503  # not tried again
    assert len(wait_requests(proxy, 8)) == 8


def test_slow_start_gets_better_by_itself(recipe):
    proxy = recipe("slow-start", "lasts=1s", "slowest=700ms", "failing=100%")
    begun = time.monotonic()
    first = requests.get(proxy.url())
    assert (first.status_code, first.headers["Retry-After"]) == (503, "1")
    assert time.monotonic() - begun >= 0.1
    wait_events(proxy, "phase", 2)
    assert requests.get(proxy.url()).status_code == 200
    assert [event["faults"] for event in wait_requests(proxy, 2)] == [2, 0]


def test_rate_limited_lets_in_who_waits_and_punishes_who_does_not(recipe):
    proxy = recipe("rate-limited", "rate=1/s", "burst=2")
    seen = [requests.get(proxy.url()) for _ in range(6)]
    assert [got.status_code for got in seen] == [200, 200, 429, 429, 429, 429]
    waits = [int(got.headers["Retry-After"]) for got in seen[2:]]
    assert waits[0] == 1 and waits[-1] > waits[0]
    with session(total=3, status_forcelist=[429]) as client:
        assert client.get(proxy.url()).status_code == 200


def test_throttled_aws_is_a_400_that_may_be_repeated(recipe):
    proxy = recipe("throttled-aws", "code=ProvisionedThroughputExceededException", "burst=1")
    assert requests.get(proxy.url()).status_code == 200
    got = requests.get(proxy.url())
    assert got.status_code == 400 and "Retry-After" not in got.headers
    assert got.headers["Content-Type"] == "application/x-amz-json-1.1"
    assert got.json() == {"__type": "ProvisionedThroughputExceededException", "message": "Rate exceeded"}
    wait_until(lambda: requests.get(proxy.url()).status_code == 200, what="it is let in again")


def test_throttled_aws_is_repeated_by_their_own_sdk(recipe, origin):
    server = origin(ForEver([read_request(), answer(b'{"TableNames": ["cars"]}')]))
    proxy = recipe("throttled-aws", "burst=1", upstream=server.url)
    client = boto3.client("dynamodb", endpoint_url=proxy.url(), region_name="eu-central-1",
                          aws_access_key_id="test", aws_secret_access_key="test",
                          config=botocore.config.Config(retries={"mode": "standard", "max_attempts": 8}))
    assert [client.list_tables()["TableNames"] for _ in range(3)] == [["cars"]] * 3
    def seen():
        return [event["status"] for event in wait_requests(proxy, 4)]
    wait_until(lambda: seen().count(200) == 3, what="all answers are logged")
    assert seen().count(400) >= 1


def test_lost_answer_makes_the_service_do_it_twice(recipe, origin):
    server = origin(ForEver([read_request(), answer(b"ordered")]))
    proxy = recipe("lost-answer", upstream=server.url)
    with session(total=1, allowed_methods=None) as client:
        got = client.post(proxy.url() + "/orders", data="one", headers={"Idempotency-Key": "k"})
        assert got.text == "ordered" and client.get(proxy.url() + "/orders").status_code == 200
    whole = b"".join(server.received)
    assert whole.count(b"POST /orders") == 2 and whole.count(b"Idempotency-Key: k") == 2
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        requests.post(proxy.url() + "/refunds", data="one")


def test_endless_spinner_ends_with_the_clients_patience(recipe):
    proxy = recipe("endless-spinner")
    with pytest.raises(requests.ReadTimeout):
        requests.get(proxy.url(), timeout=0.5)
    event = wait_requests(proxy, 1)[0]
    assert event["outcome"] == "client-left" and event["lasted_ms"] >= 500


def test_long_tail_is_in_the_log_as_the_client_met_it(recipe):
    proxy = recipe("long-tail", "p50=5ms", "p99=100ms")
    with requests.Session() as client:
        seen = [client.get(f"{proxy.url()}/status/200?{n}").elapsed.total_seconds() * 1000
                for n in range(100)]
    faults = wait_events(proxy, "fault", 100)
    assert all(fault["asked_ms"] <= fault["measured_ms"] <= met for fault, met in zip(faults, seen))
    delays = [fault["asked_ms"] for fault in faults]
    assert 2 < statistics.median(delays) < 12 and max(delays) > 4 * statistics.median(delays)


def test_slow_drip_gets_past_a_time_out_between_reads(recipe):
    proxy = recipe("slow-drip", "size=4B", "every=250ms")
    begun = time.monotonic()
    assert len(requests.get(proxy.url() + "/bytes/16", timeout=0.6).content) == 16
    assert time.monotonic() - begun > 0.7


def test_half_an_answer_is_noticed_by_who_counts(recipe, fetch):
    proxy = recipe("half-an-answer")
    client = http.client.HTTPConnection(urllib.parse.urlsplit(proxy.url()).netloc)
    client.request("GET", "/bytes/1000")
    with pytest.raises(http.client.IncompleteRead) as caught:
        client.getresponse().read()
    assert (len(caught.value.partial), caught.value.expected) == (500, 500)
    assert fetch(proxy.url() + "/bytes/1000") in ("UND_ERR_SOCKET", "terminated", "other side closed")


def test_half_an_answer_that_only_a_parser_notices(recipe):
    proxy = recipe("half-an-answer", "end=clean")
    got = requests.get(proxy.url() + "/api/1/vehicles")
    assert got.status_code == 200 and len(got.content) == int(got.headers["Content-Length"])
    with pytest.raises(requests.JSONDecodeError):
        got.json()


def test_flipped_bits_are_as_many_as_the_log_says(recipe, panne):
    good = panne("run", "calm", "--listen", "http://127.0.0.1:0", "--upstream", "embedded")
    bad = recipe("flipped-bits")
    pair = [requests.get(proxy.url() + "/bytes/20000").content for proxy in (good, bad)]
    wrong = sum(left != right for left, right in zip(*pair))
    assert len(pair[0]) == len(pair[1]) and 300 < wrong < 500
    assert wait_events(bad, "fault", 1)[0]["touched"] == wrong


def test_html_error_page_is_no_json(recipe):
    proxy = recipe("html-error-page", "status=503")
    got = requests.get(proxy.url() + "/api/1/vehicles")
    assert got.status_code == 503 and got.headers["Content-Type"].startswith("text/html")
    with pytest.raises(requests.JSONDecodeError):
        got.json()


def test_stale_answers_hide_what_is_new(recipe, origin):
    server = origin(ForEver([read_request(), answer(b"one")], ), [read_request(), answer(b"two")])
    proxy = recipe("stale-answers", "age=2h", upstream=server.url)
    first, second = (requests.get(proxy.url() + "/state") for _ in range(2))
    assert first.text == second.text == "one" and "Age" not in first.headers
    assert second.headers["Age"] == "7200"
    assert b"".join(server.received).count(b"GET /state") == 1


def test_redirect_loop_is_given_up(recipe, fetch):
    proxy = recipe("redirect-loop", "status=307")
    with pytest.raises(requests.TooManyRedirects):
        requests.get(proxy.url() + "/a")
    assert len(wait_requests(proxy, 31)) == 31
    assert fetch(proxy.url() + "/b") == "redirect count exceeded"


def test_header_flood_meets_the_limits_that_nobody_knows(recipe, fetch):
    proxy = recipe("header-flood")
    with pytest.raises(requests.ConnectionError, match="got more than 100 headers"):
        requests.get(proxy.url())
    assert fetch(proxy.url()) == "UND_ERR_HEADERS_OVERFLOW"
    assert run("curl", "-sS", proxy.url()).returncode == 0  # which takes more


@pytest.mark.parametrize("what, python, node", [
    ("garbage-before", requests.ConnectionError, "HPE_INVALID_CONSTANT"),
    ("duplicate-length", requests.exceptions.InvalidHeader, "HPE_UNEXPECTED_CONTENT_LENGTH"),
    ("chunk-size", requests.exceptions.ChunkedEncodingError, "HPE_INVALID_CHUNK_SIZE"),
    ("empty", requests.ConnectionError, "UND_ERR_SOCKET"),
])
def test_garbled_answers_are_refused(recipe, fetch, what, python, node):
    proxy = recipe("garbled-answers", f"what={what}")
    with pytest.raises(python):
        requests.get(proxy.url() + "/api/1/vehicles")
    assert fetch(proxy.url() + "/api/1/vehicles") == node
    assert len(wait_events(proxy, "fault", 2)) == 2


@pytest.mark.parametrize("body, parsed", [("{}", {}), ("[]", []), ("null", None)])
def test_empty_success_is_well_formed(recipe, body, parsed):
    proxy = recipe("empty-success", f"body={body}")
    got = requests.get(proxy.url() + "/api/1/vehicles")
    assert (got.status_code, got.headers["Content-Type"]) == (200, "application/json")
    assert got.json() == parsed


def test_swollen_answers_mean_what_they_meant(recipe):
    proxy = recipe("swollen-answers")
    got = requests.get(proxy.url() + "/api/1/vehicles")
    said = got.json()
    assert 7000 < len(got.content) < 8000 and len(got.content) == int(got.headers["Content-Length"])
    assert (said["count"], [name[:12] for name in said]) == (2, ["response", "count", "panne_debug_"])
    assert wait_events(proxy, "fault", 1)[0]["touched"] == len(got.content) - 151


def test_gzip_bomb_is_stopped_by_who_counts_what_comes_out(recipe, fetch):
    proxy = recipe("gzip-bomb", "add=20MiB")
    got = requests.get(proxy.url() + "/api/1/vehicles", stream=True)
    assert got.headers["Content-Encoding"] == "gzip"
    assert len(got.raw.read(1 << 20, decode_content=True)) >= 1 << 19  # and leaves it at that
    assert int(fetch(proxy.url() + "/api/1/vehicles").split()[1]) > 20 << 20
    assert wait_events(proxy, "request", 1)[-1]["bytes_down"] < 100_000


def test_growing_cookies_make_requests_too_large(recipe):
    proxy = recipe("growing-cookies")
    with requests.Session() as client:
        seen = [client.get(proxy.url()).status_code for _ in range(5)]
        assert seen == [200, 200, 200, 200, 431] and len(client.cookies) == 40
        client.cookies.clear()
        assert client.get(proxy.url()).status_code == 200


def test_keep_alive_race_ends_where_an_answer_should_begin(recipe):
    proxy = recipe("keep-alive-race")
    client = http.client.HTTPConnection(urllib.parse.urlsplit(proxy.url()).netloc)
    client.request("GET", "/status/200")
    assert client.getresponse().read() == b"200 OK\n"
    client.request("GET", "/status/200")
    with pytest.raises(http.client.RemoteDisconnected):
        client.getresponse()
    with session(total=1) as one:
        assert [one.get(proxy.url() + "/bytes/1").status_code for _ in range(3)] == [200] * 3
    assert [event["outcome"] for event in wait_requests(proxy, 6)].count("closed") == 2


def test_refused_connections_are_refused_by_the_kernel_until_the_service_is_back(recipe):
    proxy = recipe("refused-connections", "lasts=1500ms")
    with pytest.raises(requests.ConnectionError):
        requests.get(proxy.url())  # with it the timeline begins
    wait_until(lambda: "Connection refused" in refusal(proxy.url()), what="the listener is closed")
    with session(total=6, backoff_factor=0.2) as client:
        assert client.get(proxy.url()).status_code == 200


def refusal(url):
    try:
        return requests.get(url).reason
    except requests.ConnectionError as problem:
        return str(problem)


def test_expired_certificate_is_noticed_by_who_looks(recipe, fetch, ca):
    proxy = recipe("expired-certificate", listen="https")
    with pytest.raises(requests.exceptions.SSLError, match="certificate has expired"):
        requests.get(proxy.url(), verify=str(ca))
    assert fetch(proxy.url()) == "CERT_HAS_EXPIRED"
    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    assert requests.get(proxy.url(), verify=False).status_code == 200  # noqa: S501
    assert len(wait_requests(proxy, 1)) == 1


def test_other_certificates_are_a_var_away(recipe, ca):
    proxy = recipe("expired-certificate", "kind=self-signed", listen="https")
    done = run("curl", "-sS", "--cacert", ca, proxy.url())
    assert done.returncode == 60 and "self-signed" in done.stderr
