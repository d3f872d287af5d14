"""The AWS SDKs against a DynamoDB, through CONNECT with interception."""
import json
import subprocess

import boto3
import botocore.config
import botocore.exceptions
import pytest

from ways import events, run, wait_events, wait_requests

THROTTLED = """
panne: 1
services: {dynamodb: {match: {header: {X-Amz-Target: "DynamoDB_*"}}}}
phases:
  - name: throttled
    faults:
      - service: dynamodb
        when: {header: {X-Amz-Target: "*.GetItem"}}
        nth: 1..2
        error:
          status: 400
          content-type: application/x-amz-json-1.0
          body: '{"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException", "message": "slow"}'
"""
UNAVAILABLE = """
panne: 1
services: {dynamodb: {match: {}}}
phases:
  - name: down
    faults: [{service: dynamodb, error: 503, share: 100%}]
"""
RESETTING = """
panne: 1
services: {dynamodb: {match: {}}}
phases:
  - name: shaky
    faults: [{service: dynamodb, reset: request, nth: 2..3}]
"""


class Dynalite:
    """dynalite over TLS, with a certificate of the tests' authority."""

    def __init__(self, clients, authority):
        self.process = subprocess.Popen(
            ["node", "dynalite.mjs", str(authority.key), str(authority.leaf)], cwd=clients,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        self.url = f"https://localhost:{self.port}"

    def stop(self):
        """Its connections in all."""
        said, _ = self.process.communicate("", timeout=10)
        return int(said)


@pytest.fixture
def dynamodb(clients, authority):
    server = Dynalite(clients, authority)
    yield server
    if server.process.poll() is None:
        server.stop()


def boto(through, **config):
    return boto3.client(
        "dynamodb", endpoint_url=through.base, region_name="eu-central-1", aws_access_key_id="test",
        aws_secret_access_key="test", verify=str(through.ca),
        config=botocore.config.Config(proxies={"https": through.panne.url()}, **config))


def make_table(client, name="cars"):
    client.create_table(TableName=name, BillingMode="PAY_PER_REQUEST",
                        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "N"}],
                        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})


def test_boto3_stores_and_finds(way, dynamodb):
    through = way("connect", port=dynamodb.port)
    client = boto(through)
    make_table(client)
    for number in range(50):
        client.put_item(TableName="cars", Item={"id": {"N": str(number)}, "text": {"S": "x" * 1000}})
    found = client.scan(TableName="cars")
    assert found["Count"] == 50 and {item["text"]["S"] for item in found["Items"]} == {"x" * 1000}
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_table(TableName="planes")
    client.close()
    through.panne.wait_log(lambda event: event.get("status") == 400)
    asked = events(through.panne, "request")
    assert len(asked) >= 54 and {event["outcome"] for event in asked} == {"answered"}
    assert {event["method"] for event in asked} == {"POST"}
    assert len({event["connection"] for event in asked}) == 1
    assert dynamodb.stop() == 1, "one connection for all"


def test_boto3_survives_throttling(way, scenario, dynamodb):
    through = way("connect", port=dynamodb.port, scenario=scenario(THROTTLED))
    client = boto(through, retries={"mode": "standard", "max_attempts": 4})
    make_table(client)
    client.put_item(TableName="cars", Item={"id": {"N": "1"}, "text": {"S": "caf\u00e9"}})
    got = client.get_item(TableName="cars", Key={"id": {"N": "1"}})
    assert got["Item"]["text"]["S"] == "caf\u00e9"
    assert got["ResponseMetadata"]["RetryAttempts"] == 2
    client.close()
    assert [event["kind"] for event in wait_events(through.panne, "fault", 2)] == ["error", "error"]
    assert through.panne.stop() == 0


def test_boto3_gives_up_during_an_outage(way, scenario, dynamodb):
    through = way("connect", port=dynamodb.port, scenario=scenario(UNAVAILABLE))
    client = boto(through, retries={"mode": "standard", "total_max_attempts": 2})
    with pytest.raises(botocore.exceptions.ClientError) as failure:
        client.list_tables()
    client.close()
    assert failure.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert [event["status"] for event in wait_requests(through.panne, 2)] == [503, 503]
    assert dynamodb.stop() == 0, "nothing has reached the service"


def javascript(clients, environment, through, ca, items):
    done = run("node", "dynamodb.mjs", through.base, through.panne.url(), "cars", items, cwd=clients,
               env={**environment, "NODE_EXTRA_CA_CERTS": str(ca)})
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_javascript_stores_and_finds(way, clients, environment, ca, dynamodb):
    through = way("connect", port=dynamodb.port)
    seen = javascript(clients, environment, through, ca, 30)
    assert seen == {"text": "caf\u00e9 " + "x" * 100, "count": 30, "attempts": 33}
    assert {event["status"] for event in wait_requests(through.panne, 33)} == {200}
    assert len({event["connection"] for event in events(through.panne, "request")}) == 33, \
        "a CONNECT for each, as this agent does it"
    assert dynamodb.stop() == 1, "and one connection to the origin for all"


def test_javascript_survives_resets(way, clients, environment, ca, scenario, dynamodb):
    through = way("connect", port=dynamodb.port, scenario=scenario(RESETTING))
    seen = javascript(clients, environment, through, ca, 3)
    assert (seen["count"], seen["attempts"]) == (3, 8), "six operations, two of them tried again"
    outcomes = [event["outcome"] for event in wait_requests(through.panne, 8)]
    assert outcomes.count("reset") == 2 and outcomes.count("answered") == 6


def test_javascript_gives_up_during_an_outage(way, clients, environment, ca, scenario, dynamodb):
    through = way("connect", port=dynamodb.port, scenario=scenario(UNAVAILABLE))
    seen = javascript(clients, environment, through, ca, 1)
    assert "error" in seen and seen["attempts"] >= 3
    assert len(wait_requests(through.panne, seen["attempts"])) == seen["attempts"]
