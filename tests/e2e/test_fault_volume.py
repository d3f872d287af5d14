"""The floods on the wire: what clients get of them, and what they make of it."""
import base64
import gzip
import hashlib
import http.client
import json
import pathlib
import subprocess

import pytest
import requests

from origins import ForEver, answer, read, read_head
from panne import BINARY, wait_until
from ways import Way, events, run, wait_requests

DOCUMENT = {"cars": [{"id": number, "text": "caf\u00e9 \"}]"} for number in range(50)], "more": {}}
JSON = json.dumps(DOCUMENT).encode()
AS_JSON = ForEver([read_head(), answer(JSON, headers=("Content-Type: application/json",))])
KEPT = ForEver([read_head(), answer()])
EVENTS = b"data: 1\n\nid: 7\ndata: 2\n\n" * 20
MIB = 1024 * 1024
# Memory that a sanitizer keeps says nothing.
SANITIZED = b"__asan_init" in pathlib.Path(BINARY).read_bytes()


def memory(panne, name):
    """VmRSS or VmHWM of the process, in bytes."""
    status = pathlib.Path(f"/proc/{panne.pid}/status").read_text()
    return int(status.partition(name + ":")[2].split()[0]) * 1024


def typed(body, kind, *headers):
    return ForEver([read_head(), answer(body, headers=(f"Content-Type: {kind}", *headers))])


def without_debug(document):
    """The document, and what the members hold that a flood has added."""
    added = [value for key, value in document.items() if key.startswith("panne_debug_")]
    return {key: value for key, value in document.items()
            if not key.startswith("panne_debug_")}, added


@pytest.mark.parametrize("kind", Way.ALL)
def test_json_gains_a_member(way, faults, kind):
    through = way(kind, AS_JSON, scenario=faults("flood: {body: x8, json: members}"))
    got = requests.get(through.base, timeout=10, **through.requests)
    document, added = without_debug(got.json())
    assert document == DOCUMENT and len(added) == 1
    assert list(got.json())[-1].startswith("panne_debug_"), "behind all others"
    assert all(isinstance(text, str) for text in added[0])
    assert 6 * len(JSON) < sum(map(len, added[0])) < 7 * len(JSON)
    assert len(got.content) == int(got.headers["Content-Length"]) == 8 * len(JSON)
    wait_requests(through.panne, 1)
    assert events(through.panne, "fault")[0]["touched"] == 7 * len(JSON)


def test_json_lines_gain_objects(way, faults):
    lines = [{"id": number} for number in range(20)]
    body = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    through = way("plain", typed(body, "application/x-ndjson"),
                  scenario=faults("flood: {add: 20KiB, json: members}"))
    got = [json.loads(line) for line in requests.get(through.base, timeout=10).text.split("\n")[:-1]]
    assert [line for line in got if "id" in line] == lines
    added = [line for line in got if "id" not in line]
    assert len(added) > 50 and all(line["level"] == "debug" for line in added)


@pytest.mark.parametrize("kind", Way.ALL)
@pytest.mark.parametrize("json_gains", ["space", "members"])
def test_a_hundred_megabytes_take_no_memory(way, faults, kind, json_gains):
    through = way(kind, AS_JSON, scenario=faults(
        f"flood: {{add: 100MiB, limit: 100MiB, json: {json_gains}}}, when: {{path: /much}}"))
    with requests.Session() as session:
        assert session.get(through.base + "/", timeout=10, **through.requests).json() == DOCUMENT
        before, came = memory(through.panne, "VmRSS"), 0
        with session.get(through.base + "/much", timeout=60, stream=True,
                         **through.requests) as got:
            for piece in got.iter_content(MIB):
                came += len(piece)
        assert came == int(got.headers["Content-Length"]) == len(JSON) + 100 * MIB
    if not SANITIZED:
        assert memory(through.panne, "VmHWM") - before <= MIB


def test_a_bomb_is_small_on_the_wire(way, faults):
    through = way("plain", typed(JSON, "application/json", 'ETag: "1"'), scenario=faults(
        "flood: {add: 20MiB, limit: 20MiB, pack: gzip}"))
    got = requests.get(through.base, timeout=30, stream=True)
    packed = got.raw.read(decode_content=False)
    assert got.headers["Content-Encoding"] == "gzip" and got.headers["Vary"] == "Accept-Encoding"
    assert got.headers["ETag"] == 'W/"1"'
    assert len(packed) < 20 * MIB / 500 and len(gzip.decompress(packed)) == len(JSON) + 20 * MIB
    assert len(requests.get(through.base, timeout=30).content) == len(JSON) + 20 * MIB
    plain = requests.get(through.base, timeout=30, headers={"Accept-Encoding": "identity"})
    assert plain.content == JSON, "not for those who do not take it"
    wait_requests(through.panne, 3)
    notes = [(fault["exercised"], fault.get("note")) for fault in events(through.panne, "fault")]
    assert notes == [(True, None), (True, None), (False, "gzip is not accepted")]


@pytest.mark.parametrize("kind", Way.ALL)
def test_what_is_endless_is_left_by_the_client(way, faults, kind):
    through = way(kind, AS_JSON, scenario=faults("flood: {endless: yes, limit: 300KB}"))
    done = through.curl("-m", "1", "-o", "/dev/null", "-w", "%{size_download} %{http_code}")
    assert (done.returncode, done.stdout) == (28, f"{300000 + len(JSON)} 200"), "curl's time-out"
    event = wait_requests(through.panne, 1)[0]
    assert event["outcome"] == "client-left"
    assert events(through.panne, "fault")[0]["touched"] == 300000 + 1


def test_what_is_endless_ends_with_the_run(way, faults):
    through = way("plain", AS_JSON, options=("--drain-timeout", "300ms"),
                  scenario=faults("flood: {endless: yes, limit: 10KB}"))
    with through.client() as client:
        client.ask()
        while len(client.buffer) < 10000 + len(JSON):
            assert client.more()
        through.panne.stop(within=5)
        while client.more():
            pass
        assert not client.buffer.endswith(b"0\r\n\r\n"), "cut, not ended"


def test_a_slow_flood_keeps_its_pace(way, faults):
    through = way("plain", AS_JSON, scenario=faults("flood: {add: 10KB, pace: 20KB}"))
    got = requests.get(through.base, timeout=10)
    assert got.json() == DOCUMENT and len(got.content) == 10000 + len(JSON)
    assert 400 <= wait_requests(through.panne, 1)[0]["lasted_ms"] < 1500


def test_opaque_bodies_gain_zeros_only_when_asked(way, faults):
    through = way("plain", typed(b"PNG", "image/png"), scenario=faults(
        "flood: {add: 1KB, opaque: yes}, when: {path: /o}", "flood: {add: 1KB}, when: {path: /n}"))
    assert requests.get(through.base + "/o", timeout=10).content == b"PNG" + bytes(1000)
    assert requests.get(through.base + "/n", timeout=10).content == b"PNG"


@pytest.mark.parametrize("kind", Way.ALL)
def test_cookies_come_back_and_grow_in_requests(way, faults, kind):
    through = way(kind, KEPT, scenario=faults("cookies: {count: 3, size: 20B, most: 10}"))
    with requests.Session() as session:
        counts = []
        for _ in range(5):
            session.get(through.base, timeout=10, **through.requests)
            counts.append(len(session.cookies))
    assert counts == [3, 6, 9, 10, 10]
    asked = [head.count(b"panne_") for head in bytes(through.origin.received[0]).split(b"\r\n\r\n")]
    assert asked[:5] == [0, 3, 6, 9, 10]
    wait_requests(through.panne, 5)
    assert [fault["exercised"] for fault in events(through.panne, "fault")] == [True] * 4 + [False]


def test_cookies_come_back_from_curls_jar(way, faults, tmp_path):
    through = way("plain", KEPT, scenario=faults("cookies: {count: 5, most: 12}"))
    jar = tmp_path / "jar"
    for count in (5, 10, 12):
        assert through.curl("-b", jar, "-c", jar).returncode == 0
        assert jar.read_text().count("panne_") == count


def test_too_many_cookies_break_the_client_itself(way, faults):
    through = way("plain", KEPT, scenario=faults("cookies: {count: 12, size: 2KiB}"))
    with requests.Session() as session:
        seen = [session.get(through.base, timeout=10).status_code for _ in range(3)]
    assert seen == [200, 200, 431], "its own request is too large by then"


def read_events(response):
    """An event stream as HTML, 9.2.6 wants it read."""
    event = {}
    for line in response.iter_lines(decode_unicode=True):
        name, _, value = line.partition(":")
        if not line:
            if "data" in event:
                yield event
            event = {}
        elif name:
            event[name] = value.removeprefix(" ")


@pytest.mark.parametrize("gains", ["comments", "events"])
def test_an_event_stream_keeps_its_events(way, faults, gains):
    through = way("plain", typed(EVENTS, "text/event-stream"),
                  scenario=faults(f"flood: {{body: x20, events: {gains}}}"))
    with requests.get(through.base, timeout=10, stream=True) as response:
        seen = list(read_events(response))
    own = [event for event in seen if event.get("event") != "debug"]
    assert own == [{"data": "1"}, {"id": "7", "data": "2"}] * 20
    assert (len(seen) > 80) == (gains == "events")


def test_node_reads_the_events(way, faults, clients, environment):
    through = way("plain", typed(EVENTS, "text/event-stream"),
                  scenario=faults("flood: {body: x20, events: events}"))
    done = run("node", "events.mjs", through.base, cwd=clients, env=environment)
    seen = json.loads(done.stdout)
    assert seen["message"] == ["1", "2"] * 20
    assert len(seen["debug"]) > 40 and all(seen["debug"])


@pytest.mark.parametrize("style", ["debug", "trace"])
def test_headers_read_like_a_log(way, faults, style):
    through = way("plain", KEPT, scenario=faults(f"flood: {{headers: 40, style: {style}}}"))
    fields = requests.get(through.base, timeout=10).headers
    assert f" {style.upper()} " in fields[f"x-{style}-0040"] and len(fields[f"x-{style}-0001"]) == 64


@pytest.mark.parametrize("kind", Way.ALL)
def test_a_header_flood_is_too_much_for_node(way, faults, clients, environment, ca, kind):
    through = way(kind, KEPT, scenario=faults("flood: {headers: 200, header-size: 100B}"))
    proxy = [through.panne.url()] if kind == "connect" else []
    done = run("node", "fetch.mjs", "http", through.base, *proxy, cwd=clients,
               env={**environment, "NODE_EXTRA_CA_CERTS": str(ca)})
    assert json.loads(done.stdout)["error"] == "HPE_HEADER_OVERFLOW"


@pytest.mark.parametrize("kind", Way.ALL)
def test_a_header_flood_is_too_much_for_http_client(way, faults, kind):
    through = way(kind, KEPT, scenario=faults("flood: {headers: 101, style: trace}"))
    with pytest.raises(requests.exceptions.ConnectionError, match="more than 100 headers"):
        requests.get(through.base, timeout=10, **through.requests)


DIGESTS = ("Content-MD5: x", "Digest: sha-256=x", "Content-Digest: sha-512=:x:",
           "x-amz-checksum-crc64nvme: x")


def test_digests_are_true_again_or_gone(way, faults):
    through = way("plain", typed(JSON, "application/json", *DIGESTS), scenario=faults(
        "flood: x8, when: {path: /small}", "flood: {add: 1MiB}, when: {path: /large}"))
    got = requests.get(through.base + "/small", timeout=10)

    def digest(name):
        return base64.b64encode(hashlib.new(name, got.content).digest()).decode()

    assert got.json() == DOCUMENT and len(got.content) == 8 * len(JSON)
    assert got.headers["Content-MD5"] == digest("md5")
    assert got.headers["Digest"] == "sha-256=" + digest("sha256")
    assert got.headers["Content-Digest"] == f"sha-512=:{digest('sha512')}:"
    assert "x-amz-checksum-crc64nvme" not in got.headers
    got = requests.get(through.base + "/large", timeout=10)
    assert got.json() == DOCUMENT
    assert not any(field.partition(":")[0] in got.headers for field in DIGESTS)
    wait_requests(through.panne, 2)
    assert [fault["note"] for fault in events(through.panne, "fault")] == ["digest removed"] * 2


def upload(through, body):
    return requests.post(through.base, data=body, timeout=10,
                         headers={"Content-Type": "application/json"}, **through.requests)


@pytest.mark.parametrize("kind", Way.ALL)
def test_requests_are_flooded_when_that_is_allowed(way, faults, kind):
    through = way(kind, ForEver([read_head(), read(4 * len(JSON)), answer()]),
                  options=("--flood-origin",),
                  scenario=faults("flood: {body: x4, headers: 2, on: request}"))
    assert upload(through, JSON).status_code == 200
    head, _, body = bytes(through.origin.received[0]).partition(b"\r\n\r\n")
    assert json.loads(body) == DOCUMENT and len(body) == 4 * len(JSON)
    assert f"Content-Length: {len(body)}".encode() in head and b"x-debug-0002: " in head
    wait_requests(through.panne, 1)
    assert events(through.panne, "fault")[0]["touched"] > 3 * len(JSON)
    assert "--flood-origin" not in through.panne.stderr


def test_requests_are_spared_otherwise(way, faults):
    through = way("plain", ForEver([read_head(), read(len(JSON)), answer()]),
                  scenario=faults("flood: {body: x4, headers: 2, on: request}"))
    for _ in range(2):
        assert upload(through, JSON).status_code == 200
    assert bytes(through.origin.received[0]).count(JSON) == 2
    assert b"x-debug" not in bytes(through.origin.received[0])
    assert through.panne.stderr.count("--flood-origin") == 1
    wait_requests(through.panne, 2)
    assert [fault["exercised"] for fault in events(through.panne, "fault")] == [False, False]


@pytest.mark.parametrize("kind", Way.ALL)
@pytest.mark.parametrize("status", [100, 102, 103])
def test_interim_answers_do_not_hinder_curl(way, faults, kind, status):
    through = way(kind, KEPT, scenario=faults(f"storm: {{interim: 500, interim-status: {status}}}"))
    done = through.curl("-i")
    assert done.returncode == 0 and done.stdout.endswith("ok")
    assert done.stdout.count(f"HTTP/1.1 {status} ") == 500
    assert done.stdout.count("Link: <") == (500 if status == 103 else 0)
    wait_requests(through.panne, 1)
    assert events(through.panne, "fault")[0]["touched"] > 500 * 20


def test_http_client_bears_only_some_interim_answers(way, faults):
    through = way("plain", KEPT, scenario=faults(
        "storm: {interim: 100, interim-status: 100}, when: {path: /100}",
        "storm: {interim: 100, interim-status: 102}, when: {path: /102}"))
    seen = []
    for path in ("/100", "/102"):
        connection = http.client.HTTPConnection("127.0.0.1", through.panne.port(), timeout=10)
        connection.request("GET", path)
        seen.append(connection.getresponse().status)
        connection.close()
    assert seen == [200, 102], "it takes an interim answer that it does not know for the answer"


@pytest.mark.parametrize("kind", Way.ALL)
def test_chunks_of_a_byte_are_put_together_again(way, faults, kind):
    through = way(kind, AS_JSON, scenario=faults("storm: {chunks: 1B, chunk-extension: 100B}"))
    done = through.curl("-i")
    head, _, body = done.stdout.rpartition("\n\n")
    assert done.returncode == 0 and "Transfer-Encoding: chunked" in head
    assert "Content-Length" not in head and json.loads(body) == DOCUMENT
    got = requests.get(through.base, timeout=10, **through.requests)
    assert got.json() == DOCUMENT
    for event in wait_requests(through.panne, 2):
        assert event["bytes_down"] == len(JSON)
    assert events(through.panne, "fault")[0]["touched"] == len(JSON)


def test_chunks_are_what_was_asked_for_on_the_wire(way, faults):
    through = way("plain", typed(b"abcdefg", "text/plain"),
                  scenario=faults("storm: {chunks: 3B, chunk-extension: 10B}"))
    done = subprocess.run(["curl", "-sS", "--raw", through.base], capture_output=True, timeout=10,
                          check=True)
    lines = done.stdout.split(b"\r\n")
    assert lines[1::2][:3] == [b"abc", b"def", b"g"]
    assert [line.partition(b";")[0] for line in lines[::2]][:4] == [b"3", b"3", b"1", b"0"]
    assert all(len(line) == 11 for line in lines[:6:2])


def test_no_chunks_no_storm(way, faults):
    through = way("plain", AS_JSON, scenario=faults("storm: {chunks: 1B}"))
    with through.client() as client:
        client.send(b"GET / HTTP/1.0\r\nHost: test\r\n\r\n")
        got = client.answer()
    assert got.body == JSON and got.get("Transfer-Encoding") is None
    wait_requests(through.panne, 1)
    assert not events(through.panne, "fault")[0]["exercised"]


def test_a_long_extension_is_too_much_for_node(way, faults, clients, environment):
    through = way("plain", AS_JSON, scenario=faults("storm: {chunk-extension: 64KiB}"))
    done = run("node", "fetch.mjs", "http", through.base, cwd=clients, env=environment)
    assert json.loads(done.stdout)["error"] == "HPE_CHUNK_EXTENSIONS_OVERFLOW"


def test_a_storm_before_a_slow_client_takes_no_memory(way, faults):
    body = b"x" * (4 * MIB)
    through = way("plain", typed(body, "text/plain"), scenario=faults(
        "storm: {chunks: 1B, chunk-extension: 1KB, limit: 1GiB}, when: {path: /much}"))
    with through.client() as client:
        assert client.fetch().body == body
        before = memory(through.panne, "VmRSS")
        client.ask(path="/much")
        wait_until(lambda: len(client.buffer) > 8 * MIB or not client.more(), 20, "much comes")
        if not SANITIZED:
            assert memory(through.panne, "VmHWM") - before <= MIB
