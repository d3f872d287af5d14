"""What the log tells of a client's attempts: prints, marks, keys, and what answers asked for."""
import email.utils
import http.client
import socket
import ssl
import threading
import time

import boto3
import botocore.config
import botocore.exceptions
import pytest

from origins import answer, read, read_head, send
from ways import run, wait_requests

ALWAYS = """\
panne: 1
title: Always the same
services:
  any:
    match: {}
phases:
  - name: wrong
    faults:
      - {service: any, %s}
"""
SECRET = "s3cr3t-that-nobody-else-may-read"


@pytest.fixture
def served(panne, scenario, origin):
    """A proxy before a scripted origin, with one fault or none."""
    def start(*script, fault=None, options=()):
        upstream = origin(*script) if script else None
        what = scenario(ALWAYS % fault) if fault else "calm"
        url = f"http://127.0.0.1:{upstream.port}" if upstream else "http://127.0.0.1:9"
        return panne("run", what, "--listen", "http://127.0.0.1:0", "--upstream", url, *options)
    return start


def ask(proxy, method="GET", target="/", body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port(), timeout=5)
    connection.request(method, target, body, headers or {})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response


def test_an_aws_client_numbers_its_attempts_at_one_call(served):
    proxy = served(fault="error: {status: 400, template: aws-json-1.0, "
                         "code: ThrottlingException}")
    client = boto3.client(
        "dynamodb", endpoint_url=proxy.url(), region_name="eu-central-1",
        aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key=SECRET,
        config=botocore.config.Config(retries={"mode": "standard", "total_max_attempts": 3}))
    for table in ("first", "second"):
        with pytest.raises(botocore.exceptions.ClientError):
            client.describe_table(TableName=table)
    requests = wait_requests(proxy, 6)
    assert [event["attempt"] for event in requests] == [1, 2, 3, 1, 2, 3]
    assert {event["marker"] for event in requests} == {"amz-sdk-invocation-id"}
    for field in ("mark", "print"):
        values = [event[field] for event in requests]
        assert len(set(values[:3])) == len(set(values[3:])) == 1, field
        assert values[0] != values[3], field
    assert {event["error"] for event in requests} == {"ThrottlingException"}
    assert all(event["agent"].startswith("Boto3/") for event in requests)
    assert SECRET not in proxy.log_file.read_text()


def test_secrets_are_hashed_and_hashes_are_fresh_in_each_run(served):
    prints = []
    for _ in range(2):
        proxy = served(fault="error: 503")
        for _ in range(2):
            done = run("curl", "-s", "-o", "/dev/null", "-H", f"Idempotency-Key: {SECRET}",
                       "-H", f"If-None-Match: \"{SECRET}\"", "-H", f"Authorization: {SECRET}",
                       "-d", f"key={SECRET}", f"{proxy.url()}/pay?token={SECRET}")
            assert done.returncode == 0
        first, second = wait_requests(proxy, 2)
        for field in ("print", "mark", "key", "known_tag"):
            assert first[field] == second[field]
            assert len(first[field]) == 16
        assert first["marker"] == "idempotency-key"
        assert first["agent"].startswith("curl/")
        assert "attempt" not in first or first["attempt"] == 0
        assert SECRET not in proxy.log_file.read_text()
        prints.append(first["print"])
    assert prints[0] != prints[1]


def test_a_print_depends_on_method_target_query_and_body(served):
    proxy = served(fault="error: 503")
    ask(proxy, "POST", "/a?b=1", b"x" * 5000)
    ask(proxy, "POST", "/a?b=1", b"x" * 5000)
    ask(proxy, "PUT", "/a?b=1", b"x" * 5000)
    ask(proxy, "POST", "/b?b=1", b"x" * 5000)
    ask(proxy, "POST", "/a?b=2", b"x" * 5000)
    ask(proxy, "POST", "/a?b=1", b"x" * 5001)
    ask(proxy, "POST", "/a?b=1", b"y" + b"x" * 4999)
    ask(proxy, "POST", "/a?b=1", b"x" * 4999 + b"y")  # behind what counts
    events = wait_requests(proxy, 8)  # as they ended: bodies are read behind the answers
    prints = [event["print"] for event in sorted(events, key=lambda event: event["exchange"])]
    assert prints[0] == prints[1] == prints[7]
    assert len(set(prints)) == 6


def tell(event):
    """The action of a script that sets a threading.Event."""
    def act(_connection, _received):
        event.set()
        return True
    return act


@pytest.mark.parametrize("size", [0, 10, 4096, 70_000, 200_000])
def test_a_body_that_passes_has_the_print_of_one_that_is_refused(served, size):
    """Spliced or read, answered by the origin or by us, the attempt is the same."""
    body = bytes(range(251)) * (size // 251 + 1)
    came = threading.Event()
    proxy = served([read_head(), tell(came), read(size), answer()], fault="nth: 1, error: 503")
    for attempt in (1, 2):
        connection = http.client.HTTPConnection("127.0.0.1", proxy.port(), timeout=5)
        connection.putrequest("POST", "/upload")
        connection.putheader("Content-Length", str(size))
        connection.endheaders()
        if attempt == 2:  # what follows a head that has passed may go past our eyes
            assert came.wait(5)
        connection.send(body[:size])
        connection.getresponse().read()
        connection.close()
    first, second = wait_requests(proxy, 2)
    assert (first["status"], second["status"]) == (503, 200)
    assert first["print"] == second["print"]
    assert second["bytes_up"] == size


def test_a_body_that_waits_in_a_hang_counts(served):
    proxy = served([read_head(), read(10), answer()], fault="nth: 1, hang: {}")
    with pytest.raises(TimeoutError):
        connection = http.client.HTTPConnection("127.0.0.1", proxy.port(), timeout=0.5)
        connection.request("POST", "/slow", b"0123456789")
        connection.getresponse()
    connection.close()
    ask(proxy, "POST", "/slow", b"0123456789")
    first, second = wait_requests(proxy, 2)
    assert first["outcome"] == "client-left"
    assert first["print"] == second["print"]


@pytest.mark.parametrize("fault, least, most, is_date", [
    ("error: {status: 503, retry-after: 7s}", 7000, 7000, False),
    ("error: {status: 503, retry-after: 7s, retry-after-form: date}", 5900, 7000, True),
])
def test_our_own_retry_after_is_told(served, fault, least, most, is_date):
    proxy = served(fault=fault)
    ask(proxy)
    event, = wait_requests(proxy, 1)
    assert least <= event["retry_after_ms"] <= most
    assert event["retry_date"] is is_date


@pytest.mark.parametrize("fields, wait, is_date", [
    (lambda: [("Retry-After", email.utils.formatdate(time.time() + 60, usegmt=True))],
     60_000, True),
    (lambda: [("Retry-After", time.strftime("%A, %d-%b-%y %H:%M:%S GMT",
                                            time.gmtime(time.time() + 60)))], 60_000, True),
    (lambda: [("Retry-After", time.asctime(time.gmtime(time.time() + 60)))], 60_000, True),
    (lambda: [("Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT")], 0, True),
    (lambda: [("x-amz-retry-after", "1500")], 1500, False),
    (lambda: [("Retry-After", "never")], None, False),
])
def test_an_origins_retry_after_is_told(served, fields, wait, is_date):
    headers = [f"{name}: {value}" for name, value in fields()]
    proxy = served([read_head(), answer(status="503 Wait", headers=headers)])
    ask(proxy)
    event, = wait_requests(proxy, 1)
    assert event["retry_date"] is is_date
    if wait is None:
        assert "retry_after_ms" not in event
    else:
        assert wait - 3000 <= event["retry_after_ms"] <= wait


def test_a_wait_that_a_fault_takes_out_or_sets_is_told_as_the_client_gets_it(served):
    script = [read_head(), answer(headers=["Retry-After: 9", 'ETag: "v1"'])]
    proxy = served(script, fault="header: {remove: [Retry-After]}")
    ask(proxy, headers={"If-None-Match": 'W/"v1"'})
    event, = wait_requests(proxy, 1)
    assert "retry_after_ms" not in event
    assert event["tag"] == event["known_tag"]


def clients_of(proxy, count):
    return [event["client"] for event in wait_requests(proxy, count)]


def by(way):
    return ("--client-by", way)


def test_clients_are_told_apart_by_address_and_agent(served):
    proxy = served(fault="error: 503", options=by("address+agent"))
    for agent in ("a/1", "b/1", "a/1", "a/2"):
        ask(proxy, headers={"User-Agent": agent})
    assert clients_of(proxy, 4) == ["client-1", "client-2", "client-1", "client-3"]
    run_line = proxy.log()[0]
    assert run_line["event"] == "run" and run_line["client_by"] == "address+agent"


def test_clients_are_told_apart_by_what_they_authorize_with(served):
    proxy = served(fault="error: 503", options=by("authorization"))
    signed = "AWS4-HMAC-SHA256 Credential=AKID%s/2026/eu/s3/aws4_request, Signature=%s"
    for headers in ({"Authorization": f"Bearer {SECRET}"}, {"Authorization": signed % (1, 7)},
                    {"Authorization": signed % (2, 7)}, {"Authorization": signed % (1, 8)},
                    {"X-Api-Key": SECRET}, {"api-key": "another"}, {"Api-Key": SECRET},
                    {"Authorization": f"Bearer {SECRET}"}, {}):
        ask(proxy, headers=headers)
    assert clients_of(proxy, 9) == ["client-1", "client-2", "client-3", "client-2", "client-4",
                                    "client-5", "client-4", "client-1", "127.0.0.1"]
    assert SECRET not in proxy.log_file.read_text()
    assert "AKID" not in proxy.log_file.read_text()


def test_clients_are_told_apart_by_their_tls(panne, ca, scenario):
    proxy = panne("run", scenario(ALWAYS % "error: 503"), "--listen", "https://127.0.0.1:0",
                  "--upstream", "http://127.0.0.1:9", *by("tls"))
    port = proxy.port()

    def curl(host, *options):
        done = run("curl", "-s", "-o", "/dev/null", "--cacert", ca, *options,
                   "--resolve", f"{host}:{port}:127.0.0.1", f"https://{host}:{port}/")
        assert done.returncode == 0

    context = ssl.create_default_context(cafile=ca)
    curl("localhost")
    session = None
    for _ in range(2):  # the second time with a session to resume
        plain = socket.create_connection(("127.0.0.1", port), timeout=5)
        with context.wrap_socket(plain, server_hostname="localhost",
                                 session=session) as secure:
            secure.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            while secure.recv(4096):
                pass
            session = secure.session
    curl("another.example")
    curl("127.0.0.1")  # an address, so that no name is asked for
    curl("localhost", "--tls-max", "1.2")
    assert clients_of(proxy, 6) == ["client-1", "client-2", "client-2", "client-1", "client-1",
                                    "client-3"]
    assert [event["resumed"] for event in proxy.log() if event["event"] == "tls"].count(True) == 1


def test_the_choices_are_named(command):
    done = command("run", "calm", "--client-by", "cookie")
    assert done.returncode == 2
    assert "address, address+agent, authorization, tls or header:NAME" in done.stderr
