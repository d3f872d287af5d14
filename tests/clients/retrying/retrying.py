"""Asks a base URL once, by the client named, as it retries by default or by its one setting here. It
prints success or failure, and ends with 0 or 1.

    retrying.py requests|urllib3|boto3-legacy|boto3-standard|boto3-adaptive URL"""
import sys

import boto3
import botocore.config
import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry


def by_requests(url):
    """Its well-known setting: the statuses named, and a back-off whose first pause is none."""
    with requests.Session() as session:
        retry = Retry(total=3, backoff_factor=0.5, status_forcelist=[429, 500, 502, 503, 504])
        session.mount("http://", HTTPAdapter(max_retries=retry))
        session.mount("https://", HTTPAdapter(max_retries=retry))
        session.get(url).raise_for_status()


def by_urllib3(url):
    answer = urllib3.PoolManager().request("GET", url)
    if answer.status >= 400:
        raise OSError(answer.status)


def by_boto3(mode, **attempts):
    def ask(url):
        boto3.client("dynamodb", endpoint_url=url, region_name="eu-central-1", aws_access_key_id="test",
                     aws_secret_access_key="test", config=botocore.config.Config(
                         retries={"mode": mode, **attempts})).list_tables()
    return ask


# Legacy would try ten times on DynamoDB, for 25 s.
WAYS = {"requests": by_requests, "urllib3": by_urllib3,
        "boto3-legacy": by_boto3("legacy", total_max_attempts=5), "boto3-standard": by_boto3("standard"),
        "boto3-adaptive": by_boto3("adaptive")}

try:
    WAYS[sys.argv[1]](sys.argv[2])
except Exception as problem:  # each has its own
    sys.exit(f"failure: {problem}")
print("success")
