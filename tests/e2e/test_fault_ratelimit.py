"""A limit on the rate of requests, as clients that listen and clients that do not see it."""
import concurrent.futures
import time

import boto3
import botocore.config
import pytest
import requests
import requests.adapters
import urllib3.util

from origins import ForEver, answer, read_head
from ways import Way, events, wait_events, wait_requests

KEPT = ForEver([read_head(), answer()])


@pytest.mark.parametrize("kind", Way.ALL)
def test_above_the_rate_is_refused(way, faults, kind):
    through = way(kind, KEPT, scenario=faults("ratelimit: {rate: 6/m, burst: 3}"))
    with requests.Session() as session:
        got = [session.get(through.base, timeout=10, **through.requests) for _ in range(5)]
    assert [each.status_code for each in got] == [200, 200, 200, 429, 429]
    assert "RateLimit" not in got[0].headers and got[0].content == b"ok", "what passes is untouched"
    assert got[3].headers["RateLimit-Policy"] == '"default";q=3;w=30'
    wait = int(got[3].headers["Retry-After"])
    assert 8 <= wait <= 10 and got[3].headers["RateLimit"] == f'"default";r=0;t={wait}'
    assert [each["faults"] for each in wait_requests(through.panne, 5)] == [0, 0, 0, 1, 1]
    assert [each["exercised"] for each in events(through.panne, "fault")] == [True, True]
    assert sum(each.count(b"GET /") for each in through.origin.received) == 3


def test_the_widespread_fields_and_a_date(way, faults):
    through = way("plain", KEPT, scenario=faults(
        "ratelimit: {rate: 1/m, fields: x, retry-after: date, status: 503, template: problem}"))
    requests.get(through.base, timeout=10)
    got = requests.get(through.base, timeout=10)
    assert got.status_code == 503 and got.headers["Retry-After"].endswith(" GMT")
    assert got.headers["X-RateLimit-Limit"] == "1" and got.headers["X-RateLimit-Remaining"] == "0"
    assert 55 <= int(got.headers["X-RateLimit-Reset"]) <= 60 and "RateLimit" not in got.headers
    assert got.json()["status"] == 503


def test_a_client_that_listens_gets_through(way, faults):
    through = way("plain", KEPT, scenario=faults("ratelimit: {rate: 1/s}"))
    with requests.Session() as session:
        session.mount("http://", requests.adapters.HTTPAdapter(
            max_retries=urllib3.util.Retry(total=1, status_forcelist=[429])))
        began = time.monotonic()
        assert [session.get(through.base, timeout=10).status_code for _ in range(3)] == [200] * 3
        assert 2 <= time.monotonic() - began < 4
    assert [each["status"] for each in wait_requests(through.panne, 5)] == [200, 429, 200, 429, 200]


def test_who_comes_early_waits_longer(way, faults):
    through = way("plain", KEPT, scenario=faults(
        "ratelimit: {rate: 1/s, punish: 10s, punish-most: 25s}"))
    with requests.Session() as session:
        waits = [session.get(through.base, timeout=10).headers.get("Retry-After") for _ in range(5)]
    assert waits == [None, "1", "11", "21", "25"]


@pytest.mark.parametrize("scope, passed", [("client", 2), ("all", 1)])
def test_clients_have_buckets_of_their_own(way, faults, scope, passed):
    through = way("plain", KEPT, scenario=faults(f"ratelimit: {{rate: 1/h, for: {scope}}}"),
                  options=("--client-by", "header:X-User"))
    got = [requests.get(through.base, timeout=10, headers={"X-User": user}).status_code
           for user in ("ann", "ben", "ann", "ben")]
    assert got.count(200) == passed and got.count(429) == 4 - passed


@pytest.mark.workers
def test_workers_share_a_bucket(way, faults):
    through = way("plain", KEPT, scenario=faults("ratelimit: {rate: 1/h, burst: 20}"),
                  options=("--workers", "2"))
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda _: requests.get(through.base, timeout=10).status_code, range(60)))
    assert got.count(200) == 20 and got.count(429) == 40


def test_the_rate_holds(way, faults):
    """As fast as a client can for a while: what passed is the burst and the rate, and no more."""
    through = way("plain", KEPT, scenario=faults("ratelimit: {rate: 50/s, burst: 5}"))
    passed, asked, began = 0, 0, time.monotonic()
    with through.client() as client:
        while time.monotonic() < began + 1:
            passed += client.fetch().status == 200
            asked += 1
        lasted = time.monotonic() - began
    assert asked > 200 and 50 * lasted * 0.9 <= passed <= 5 + 50 * lasted + 1


def test_the_sdk_sees_throttling(way, faults):
    through = way("connect", KEPT, scenario=faults(
        "ratelimit: {rate: 1/h, status: 400, template: aws-json-1.0, code: ThrottlingException}"))
    client = boto3.client(
        "dynamodb", endpoint_url=through.base, region_name="eu-central-1", aws_access_key_id="test",
        aws_secret_access_key="test", verify=str(through.ca), config=botocore.config.Config(
            proxies={"https": through.panne.url()}, retries={"total_max_attempts": 1}))
    requests.get(through.base, timeout=10, **through.requests)
    with pytest.raises(client.exceptions.ClientError, match="ThrottlingException"):
        client.list_tables()
    assert wait_events(through.panne, "fault", 1)[0]["kind"] == "ratelimit"
