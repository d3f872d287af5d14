"""Malformed answers, as curl, Python and Node see them."""
import http.client
import json

import pytest
import requests
import urllib3

from origins import ForEver, answer, read_head, send
from ways import Way, run, wait_events, wait_requests

BODY = b'{"a": 1, "b": "two words"}'
PLAIN = ForEver([read_head(), answer(BODY)])
CHUNKED = ForEver([read_head(), send(
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1a\r\n%s\r\n0\r\n\r\n" % BODY)])

# For each: curl's exit code and words, what Python requests raises, Node's error code.
SEEN = {
    "length-long": (18, "transfer closed with 16 bytes remaining", None, "ECONNRESET"),
    "length-short": (0, "", None, None),
    "chunk-size": (56, "", requests.exceptions.ChunkedEncodingError, "HPE_INVALID_CHUNK_SIZE"),
    "last-chunk": (18, "transfer closed with outstanding read data remaining",
                   requests.exceptions.ChunkedEncodingError, "ECONNRESET"),
    "empty": (52, "Empty reply from server", requests.exceptions.ConnectionError, "ECONNRESET"),
    "garbage-before": (1, "Received HTTP/0.9 when not allowed",
                       requests.exceptions.ConnectionError, "HPE_INVALID_CONSTANT"),
    "garbage-after": (0, "", None, None),
    "version": (1, "", requests.exceptions.ConnectionError, "HPE_INVALID_VERSION"),
    "duplicate-length": (18, "transfer closed with 1 bytes remaining",
                         requests.exceptions.InvalidHeader, "HPE_UNEXPECTED_CONTENT_LENGTH"),
    "folded": (0, "", None, "HPE_INVALID_HEADER_TOKEN"),
    "bare-lf": (0, "", None, "HPE_CR_EXPECTED"),
    "oversized-head": (27, "", requests.exceptions.ConnectionError, "HPE_HEADER_OVERFLOW"),
}
# Those behind which the connection lives on.
OPEN = ("garbage-after", "version", "folded", "bare-lf", "oversized-head")

NODE = """
const {get, Agent} = require('http');
const tell = (seen) => { console.log(JSON.stringify(seen)); process.exit(); };
const fail = (error) => tell({error: error.code});
get(process.argv[1], {agent: new Agent({keepAlive: true})}, (answer) => {
  let body = '';
  answer.on('data', (data) => { body += data; });
  answer.on('end', () => tell({status: answer.statusCode, body}));
  answer.on('error', fail);
}).on('error', fail);
"""


def expected(what):
    return BODY[:-1] if what == "length-short" else BODY


@pytest.mark.parametrize("kind", Way.ALL)
@pytest.mark.parametrize("what", SEEN)
def test_curl(way, faults, kind, what):
    through = way(kind, PLAIN, scenario=faults(f"malformed: {what}"))
    status, words = SEEN[what][:2]
    done = through.curl()
    # What curl makes of a head that is too long, or of a wrong version, differs between versions.
    assert done.returncode == status or (status in (1, 27, 56) and done.returncode != 0)
    assert words in done.stderr
    if status == 0:
        assert done.stdout.encode() == expected(what)
    fault = wait_events(through.panne, "fault", 1)[0]
    assert fault["exercised"] and fault["touched"] > 0
    event = wait_requests(through.panne, 1)[0]
    cut = what in ("length-long", "last-chunk", "empty")
    assert event["outcome"] in (["cut"] if cut else ["answered"] if status == 0 else
                                ["answered", "client-left"])  # curl does not wait for the end
    assert event["status"] == (0 if what == "empty" else 200)


@pytest.mark.parametrize("kind", ("plain", "connect"))
@pytest.mark.parametrize("what", SEEN)
def test_requests(way, faults, kind, what):
    through = way(kind, PLAIN, scenario=faults(f"malformed: {what}"))
    raises = SEEN[what][2]
    if raises:
        with pytest.raises(raises):
            requests.get(through.base, timeout=5, **through.requests)
    elif what != "length-long":  # old ones take a body that is too short
        got = requests.get(through.base, timeout=5, **through.requests)
        assert (got.status_code, got.content) == (200, expected(what))


def test_urllib3_counts_the_bytes(way, faults):
    through = way("plain", PLAIN, scenario=faults("malformed: {what: length-long, size: 100B}"))
    with pytest.raises(urllib3.exceptions.ProtocolError) as caught:
        urllib3.PoolManager().request("GET", through.base, enforce_content_length=True,
                                      retries=False)
    assert "IncompleteRead(26 bytes read, 100 more expected)" in str(caught.value)


def test_http_client(way, faults):
    through = way("plain", PLAIN, scenario=faults("malformed: version"))
    client = http.client.HTTPConnection("127.0.0.1", through.panne.port(), timeout=5)
    client.request("GET", "/")
    with pytest.raises(http.client.UnknownProtocol) as caught:
        client.getresponse()
    assert caught.value.args == ("HTTP/4.2",)
    client.close()


@pytest.mark.parametrize("what", SEEN)
def test_node(way, faults, what):
    through = way("plain", PLAIN, scenario=faults(f"malformed: {what}"))
    seen = json.loads(run("node", "-e", NODE, through.base).stdout)
    error = SEEN[what][3]
    if error:
        assert seen == {"error": error}
    elif "error" in seen:  # it looks at what is behind, if that comes along
        assert seen["error"] == "HPE_INVALID_CONSTANT"
    else:
        assert seen == {"status": 200, "body": expected(what).decode()}


@pytest.mark.parametrize("kind", Way.ALL)
@pytest.mark.parametrize("what", SEEN)
def test_the_connection_afterwards(way, faults, kind, what):
    through = way(kind, PLAIN, scenario=faults(f"malformed: {what}, nth: 1"))
    with through.client() as client:
        client.ask()
        if what in OPEN:
            last = b"~garbage?~" if what == "garbage-after" else BODY
            while not client.buffer.endswith(last):
                assert client.more()
            client.buffer = b""
            client.ask()
            while b"HTTP/1.1 200 OK" not in client.buffer:
                assert client.more()
        else:
            assert b"Connection: close" not in client.rest() and client.ended == "end"


def test_made_answers_are_spoiled_too(way, faults):
    through = way("plain", PLAIN, scenario=faults("error: {status: 503, body: sorry}",
                                                  "malformed: length-long"))
    done = through.curl("-o", "/dev/null", "-w", "%{http_code}")
    assert (done.returncode, done.stdout) == (18, "503")


@pytest.mark.parametrize("what", ["length-long", "length-short", "duplicate-length"])
def test_no_length_to_be_wrong(way, faults, what):
    through = way("plain", CHUNKED, scenario=faults(f"malformed: {what}"))
    assert requests.get(through.base, timeout=5).content == BODY
    assert not wait_events(through.panne, "fault", 1)[0]["exercised"]


@pytest.mark.parametrize("what", ["length-long", "chunk-size", "last-chunk", "duplicate-length"])
def test_an_answer_to_head_is_left_alone(way, faults, what):
    through = way("plain", PLAIN, scenario=faults(f"malformed: {what}"))
    with through.client() as client:
        for _ in range(2):
            got = client.fetch("HEAD")
            assert got.status == 200 and got.get("Content-Length") == str(len(BODY))
    for fault in wait_events(through.panne, "fault", 2):
        assert not fault["exercised"]


@pytest.mark.parametrize("what", ["empty", "garbage-before", "folded", "oversized-head"])
def test_an_answer_to_head_can_be_wrong_too(way, faults, what):
    through = way("plain", PLAIN, scenario=faults(f"malformed: {what}"))
    done = through.curl("--head")
    assert done.returncode != 0 or what == "folded"
    assert wait_events(through.panne, "fault", 1)[0]["exercised"]


def test_old_clients_get_no_chunks(way, faults):
    through = way("plain", PLAIN, scenario=faults("malformed: chunk-size"))
    assert through.curl("--http1.0").stdout.encode() == BODY
    assert not wait_events(through.panne, "fault", 1)[0]["exercised"]
