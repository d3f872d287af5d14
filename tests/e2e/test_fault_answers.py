"""Errors that look like a provider's, and those that come after the origin has done its work."""
import email.utils
import time

import boto3
import botocore.config
import botocore.exceptions
import pytest
import requests
import requests.adapters
import urllib3.util

from origins import ForEver, answer, read, read_head, wait_until
from ways import Way, events, wait_events, wait_requests

KEPT = ForEver([read_head(), answer()])


def aws(through, service, **config):
    """A client of the SDK, that goes through the proxy."""
    proxies = {"https": through.panne.url()} if through.kind == "connect" else {}
    return boto3.client(
        service, endpoint_url=through.base, region_name="eu-central-1", aws_access_key_id="test",
        aws_secret_access_key="test", verify=False if through.kind == "plain" else str(through.ca),
        config=botocore.config.Config(proxies=proxies, retries={"total_max_attempts": 1}, **config))


def complaint(call, *arguments, **named):
    with pytest.raises(botocore.exceptions.ClientError) as failure:
        call(*arguments, **named)
    return failure.value.response


@pytest.mark.parametrize("kind", Way.ALL)
@pytest.mark.parametrize("version, code", [("1.0", "InternalServerError"), ("1.1", "InternalFailure")])
def test_aws_json(way, faults, kind, version, code):
    through = way(kind, KEPT, scenario=faults(f"error: {{template: aws-json-{version}}}"))
    said = complaint(aws(through, "dynamodb").list_tables)
    assert said["Error"]["Code"] == code and said["Error"]["Message"].startswith("An internal error")
    meta = said["ResponseMetadata"]
    assert meta["HTTPStatusCode"] == 500 and meta["RequestId"] == meta["HTTPHeaders"]["x-amzn-requestid"]
    assert meta["HTTPHeaders"]["content-type"] == f"application/x-amz-json-{version}"
    assert not any(through.origin.received), "the origin was not asked"


def test_aws_throttles_with_status_400(way, faults):
    through = way("connect", KEPT, scenario=faults(
        "error: {status: 400, template: aws-json-1.0, message: 'a \"b\" \\ <c>', "
        "code: com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException}"))
    client = aws(through, "dynamodb")
    with pytest.raises(client.exceptions.ProvisionedThroughputExceededException) as failure:
        client.get_item(TableName="cars", Key={"id": {"N": "1"}})
    assert failure.value.response["Error"]["Message"] == 'a "b" \\ <c>'


def test_the_sdk_retries_what_it_knows_as_throttling(way, faults):
    through = way("connect", KEPT, scenario=faults(
        "error: {status: 400, template: aws-json-1.1, code: ThrottlingException}"))
    client = boto3.client(
        "kinesis", endpoint_url=through.base, region_name="eu-central-1", aws_access_key_id="test",
        aws_secret_access_key="test", verify=str(through.ca), config=botocore.config.Config(
            proxies={"https": through.panne.url()}, retries={"mode": "standard", "total_max_attempts": 2}))
    said = complaint(client.list_streams)
    assert said["ResponseMetadata"]["RetryAttempts"] == 1 and len(wait_requests(through.panne, 2)) == 2


@pytest.mark.parametrize("template, service, call, code", [
    ("aws-query", "cloudformation", "list_stacks", "Throttling"),
    ("aws-ec2", "ec2", "describe_instances", "RequestLimitExceeded"),
    ("s3", "s3", "list_buckets", "SlowDown"),
])
def test_aws_in_xml(way, faults, template, service, call, code):
    through = way("plain", KEPT, scenario=faults(
        f"error: {{status: 429, template: {template}, message: 'slow <down> & \"wait\"'}}"))
    said = complaint(getattr(aws(through, service), call))
    assert (said["Error"]["Code"], said["Error"]["Message"]) == (code, 'slow <down> & "wait"')
    meta = said["ResponseMetadata"]
    assert meta["HTTPStatusCode"] == 429 and meta["RequestId"]
    if template == "s3":
        assert meta["RequestId"] == meta["HTTPHeaders"]["x-amz-request-id"]
        assert meta["HostId"] == meta["HTTPHeaders"]["x-amz-id-2"] and len(meta["HostId"]) == 76


def test_s3_where_there_is_no_body(way, faults):
    through = way("plain", KEPT, scenario=faults("error: {status: 404, template: s3}"))
    said = complaint(aws(through, "s3").head_object, Bucket="b", Key="k")
    assert said["Error"]["Code"] == "404" and said["ResponseMetadata"]["HostId"]


@pytest.mark.parametrize("template, kind, look", [
    ("google", "application/json; charset=UTF-8",
     lambda it: it["error"]["status"] == "UNAVAILABLE" and it["error"]["code"] == 503),
    ("azure", "application/json", lambda it: it["error"]["code"] == "ServerBusy"),
    ("problem", "application/problem+json",
     lambda it: it["title"] == "Service Unavailable" and it["status"] == 503),
    ("openai", "application/json",
     lambda it: it["error"]["type"] == "server_error" and it["error"]["code"] is None),
])
def test_json(way, faults, template, kind, look):
    through = way("tls", KEPT, scenario=faults(f"error: {{status: 503, template: {template}}}"))
    got = requests.get(through.base, timeout=10, **through.requests)
    assert got.headers["Content-Type"] == kind and look(got.json()), got.text
    if template == "azure":
        assert got.headers["x-ms-error-code"] == "ServerBusy" and got.headers["x-ms-request-id"]


def test_the_same_seed_makes_the_same_ids(way, faults):
    ids = []
    for _ in range(2):
        through = way("plain", KEPT, scenario=faults("error: {template: openai}"))
        ids.append([requests.get(through.base, timeout=10).headers["x-request-id"] for _ in range(3)])
    assert ids[0] == ids[1] and len(set(ids[0])) == 3


def test_own_type_and_headers_lead(way, faults):
    through = way("plain", KEPT, scenario=faults(
        "error: {template: html, content-type: text/x-own, headers: {X-Amz-Id: mine}}"))
    got = requests.get(through.base, timeout=10)
    assert got.headers["Content-Type"] == "text/x-own" and "<h1>Internal Server Error</h1>" in got.text


def test_retry_after_as_a_date(way, faults):
    through = way("plain", KEPT, scenario=faults("error: {status: 503, retry-after: 90s, "
                                                 "retry-after-form: date}"))
    got = requests.get(through.base, timeout=10)
    said = email.utils.parsedate_to_datetime(got.headers["Retry-After"]).timestamp()
    assert abs(said - time.time() - 90) <= 2


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_client_waits_as_it_was_told(way, faults, form):
    """urllib3's Retry honors Retry-After in both forms."""
    through = way("plain", KEPT, scenario=faults(
        f"error: {{status: 503, retry-after: 2s, retry-after-form: {form}}}, nth: 1"))
    session = requests.Session()
    session.mount("http://", requests.adapters.HTTPAdapter(
        max_retries=urllib3.util.Retry(total=2, status_forcelist=[503])))
    began = time.monotonic()
    assert session.get(through.base, timeout=10).status_code == 200
    assert time.monotonic() - began >= (2 if form == "seconds" else 1)  # a date has no fractions


POST = ForEver([read_head(), read(4), answer(b"paid")])


@pytest.mark.parametrize("kind", Way.ALL)
def test_a_lost_answer_charges_twice(way, faults, kind):
    """The origin did the work, the client got an error, tried again, and had it done twice."""
    through = way(kind, POST, scenario=faults("error: {status: 502, at: after}, nth: 1"))
    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, requests.adapters.HTTPAdapter(max_retries=urllib3.util.Retry(
            total=2, status_forcelist=[502], allowed_methods=None)))
    got = session.post(through.base + "/pay", data=b"1EUR", timeout=10, **through.requests)
    assert (got.status_code, got.content) == (200, b"paid")
    assert sum(each.count(b"POST /pay") for each in through.origin.received) == 2
    first, second = wait_requests(through.panne, 2)
    assert (first["status"], first["outcome"], second["status"]) == (502, "made", 200)
    fault = events(through.panne, "fault")[0]
    assert (fault["kind"], fault["exercised"]) == ("error", True)


def test_a_lost_answer_waits_for_the_origin(way, faults):
    through = way("plain", [read_head()], scenario=faults("error: {status: 502, at: after}"))
    with through.client() as client:
        client.ask()
        wait_until(lambda: any(through.origin.received), what="the origin is asked")
        # It closes without an answer: that is what the client hears of, and not of the fault.
        assert client.answer().status == 502
    wait_requests(through.panne, 1)
    assert wait_events(through.panne, "fault", 1)[0]["exercised"] is False


def test_what_cannot_be_is_said(command, faults):
    done = command("check", faults("error: {template: google, body: x}"))
    assert done.returncode != 0
    assert "a template makes the body itself: take one of template and body" in done.stderr + done.stdout
    assert "aws-json-1.0" in command("faults", "error").stdout
