"""The faults on the wire, on every way through, with what clients make of them."""
import gzip
import http.client
import json
import statistics

import pytest
import requests

import wire
from origins import ForEver, answer, read, read_head
from ways import Way, events, wait_requests

DOCUMENT = {"vehicles": [{"id": number, "name": f"car {number}", "on": number % 2 == 0,
                          "range": 312.5, "text": "caf\u00e9 \U0001f697"} for number in range(50)]}
JSON = json.dumps(DOCUMENT).encode()
AS_JSON = ForEver([read_head(), answer(JSON, headers=("Content-Type: application/json",))])
AS_GZIP = ForEver([read_head(), answer(gzip.compress(JSON),
                                       headers=("Content-Type: application/json",
                                                "Content-Encoding: gzip"))])
KEPT = ForEver([read_head(), answer()])


@pytest.mark.parametrize("kind", Way.ALL)
def test_error(way, faults, kind):
    through = way(kind, KEPT, scenario=faults(
        "error: {status: 503, reason: Out To Lunch, body: '{\"no\": 1}', retry-after: 1500ms, "
        "content-type: application/json, headers: {X-Why: verbosity}}"))
    got = requests.get(through.base + "/a", timeout=10, **through.requests)
    assert (got.status_code, got.reason, got.json()) == (503, "Out To Lunch", {"no": 1})
    assert got.headers["Retry-After"] == "2" and got.headers["X-Why"] == "verbosity"
    assert got.headers["Content-Type"] == "application/json"
    assert not any(through.origin.received), "the origin was not asked"
    event = wait_requests(through.panne, 1)[0]
    assert (event["status"], event["outcome"], event["faults"]) == (503, "made", 1)
    fault = events(through.panne, "fault")[0]
    assert (fault["kind"], fault["exercised"], fault["exchange"]) == ("error", True, event["exchange"])
    assert fault["draw"] < fault["share"] == 1


def test_an_error_leaves_the_connection_usable(way, faults):
    through = way("plain", [read_head(), answer(), *[read_head(), read(1), answer(), read_head(),
                                                      answer()] * 3], scenario=faults("error: 500, when: {method: POST}"))
    with through.client() as client:
        assert client.fetch().body == b"ok"
        for _ in range(3):
            assert client.fetch("POST", body=b"x" * 100000).status == 500
            assert client.fetch("PUT", body=b"x").status == 200
            assert client.fetch().body == b"ok"
    assert through.origin.connections == 1


@pytest.mark.parametrize("kind", Way.ALL)
@pytest.mark.parametrize("at", ["request", "response"])
def test_latency_is_never_early_and_hardly_late(way, faults, kind, at):
    through = way(kind, KEPT, scenario=faults(f"latency: {{delay: 150ms, at: {at}}}"))
    done = through.curl("-o", "/dev/null", "-w", "%{time_starttransfer} %{time_appconnect} %{http_code}")
    started, connected, status = map(float, done.stdout.split())
    assert status == 200 and started - connected >= 0.150
    with through.client() as client:
        for _ in range(10):
            assert client.fetch().body == b"ok"
    late = []
    for event in wait_requests(through.panne, 11):
        assert event["injected_ms"] == 150 and event["first_byte_ms"] >= 150
        late.append(event["measured_ms"] - event["injected_ms"])
    assert min(late) >= 0 and statistics.median(late) < 5, late


def test_latencies_follow_their_distribution(way, faults):
    through = way("plain", KEPT, scenario=faults("latency: {p50: 4ms, p99: 40ms}"))
    with through.client() as client:
        for _ in range(200):
            client.fetch()
    asked = sorted(event["injected_ms"] for event in wait_requests(through.panne, 200))
    assert 3 <= statistics.median(asked) <= 5.5 and 8 < asked[-1] < 200 and len(set(asked)) > 150


@pytest.mark.parametrize("kind", Way.ALL)
def test_flooded_json_is_the_same_document(way, faults, kind):
    through = way(kind, AS_JSON, scenario=faults("flood: x8"))
    got = requests.get(through.base + "/", timeout=10, **through.requests)
    assert got.json() == DOCUMENT
    assert int(got.headers.get("Content-Length", len(got.content))) == len(got.content)
    assert 7.5 * len(JSON) <= len(got.content) <= 8.5 * len(JSON)
    assert wait_requests(through.panne, 1)[0]["bytes_down"] == len(got.content)
    assert events(through.panne, "fault")[0]["touched"] == len(got.content) - len(JSON)


@pytest.mark.parametrize("kind", Way.ALL)
def test_flooded_gzip_is_the_same_document(way, faults, kind):
    through = way(kind, AS_GZIP, scenario=faults("flood: x8"))
    got = requests.get(through.base + "/", timeout=10, **through.requests)
    assert got.headers["Content-Encoding"] == "gzip" and got.json() == DOCUMENT
    assert len(got.content) >= 7 * len(JSON)


def test_a_real_servers_gzip_is_flooded(way, faults, nginx):
    (nginx.www / "cars.json").write_bytes(JSON)
    through = way("tls", port=nginx.https_port, scenario=faults("flood: {body: x4}"))
    done = through.curl("--compressed", "-D", "-", path="/cars.json")
    head, _, body = done.stdout.partition("\n\n")
    assert done.returncode == 0 and "content-encoding: gzip" in head.lower()
    assert json.loads(body) == DOCUMENT and len(body.encode()) >= 3 * len(JSON)


@pytest.mark.parametrize("kind", ["text/plain; charset=utf-8", "text/event-stream", "application/x-ndjson",
                                  "text/html"])
def test_other_types_grow_too(way, faults, kind):
    body = {"text/event-stream": b"data: 1\n\ndata: 2\n\n" * 20,
            "application/x-ndjson": b'{"a": 1}\n{"b": 2}\n' * 20}.get(kind, b"<p>line</p>\n" * 40)
    through = way("plain", ForEver([read_head(), answer(body, headers=(f"Content-Type: {kind}",))]),
                  scenario=faults("flood: x8"))
    got = requests.get(through.base, timeout=10)
    assert len(got.content) >= 6 * len(body)
    if kind == "application/x-ndjson":
        assert [each for line in got.text.splitlines() if line.strip()
                for each in [json.loads(line)]][:1]
    assert all(line in got.content for line in set(body.split(b"\n")))


def test_what_is_not_text_stays_as_it_is(way, faults):
    body = bytes(range(256)) * 10
    through = way("plain", ForEver([read_head(), answer(body, headers=("Content-Type: image/png",))]),
                  scenario=faults("flood: x8"))
    assert requests.get(through.base, timeout=10).content == body
    fault = through.panne.wait_log(lambda event: event["event"] == "fault")
    assert fault["exercised"] is False
    assert through.panne.stop() == 4, "nothing was touched"


def test_a_flood_has_a_limit(way, faults):
    through = way("plain", AS_JSON, scenario=faults("flood: {body: x100, limit: 10KB}"))
    got = requests.get(through.base, timeout=10)
    assert got.json() == DOCUMENT and len(JSON) < len(got.content) <= len(JSON) + 10240


@pytest.mark.parametrize("kind", Way.ALL)
def test_a_header_flood_is_too_much_for_python(way, faults, kind):
    through = way(kind, KEPT, scenario=faults("flood: {headers: 150, header-size: 20B}"))
    with pytest.raises(requests.exceptions.ConnectionError, match="more than 100 headers"):
        requests.get(through.base, timeout=10, **through.requests)
    with through.client() as client:
        got = client.fetch()
    assert len(got.fields) >= 150 and got.body == b"ok"


def test_a_header_flood_of_plain_http_client(way, faults):
    through = way("plain", KEPT, scenario=faults("flood: {headers: 110}"))
    connection = http.client.HTTPConnection("127.0.0.1", through.panne.port())
    connection.request("GET", "/")
    with pytest.raises(http.client.HTTPException, match="100 headers"):
        connection.getresponse()
    connection.close()


@pytest.mark.parametrize("kind", Way.ALL)
@pytest.mark.parametrize("at", ["head", "body"])
def test_hang(way, faults, kind, at):
    through = way(kind, AS_JSON, scenario=faults(f"hang: {{at: {at}, after: 100}}"
                                                 if at == "body" else "hang: {at: head}"))
    done = through.curl("-m", "0.5")
    assert done.returncode == 28, "curl's own time-out"
    assert len(done.stdout) == (100 if at == "body" else 0)
    event = wait_requests(through.panne, 1)[0]
    assert event["outcome"] == "client-left"
    assert events(through.panne, "fault")[0]["exercised"] is True


def test_a_hang_ends(way, faults):
    through = way("plain", KEPT, scenario=faults("hang: 300ms"))
    with through.client() as client:
        assert client.fetch().body == b"ok"
    event = wait_requests(through.panne, 1)[0]
    assert event["outcome"] in ("answered", "hung") and event["lasted_ms"] >= 300


@pytest.mark.parametrize("kind", Way.ALL)
@pytest.mark.parametrize("at", ["request", "head", "body"])
def test_reset(way, faults, kind, at):
    through = way(kind, AS_JSON, scenario=faults(
        f"reset: {{at: {at}" + (", after: 100" if at == "body" else "") + "}"))
    with through.client() as client:
        client.ask()
        while client.more():
            pass
        assert client.ended == "reset", "ECONNRESET, not an end"
        if at != "body":
            assert client.buffer == b""
    event = wait_requests(through.panne, 1)[0]
    assert event["outcome"] == "reset"
    assert bool(through.origin.connections) == (at != "request")
    assert events(through.panne, "fault")[0]["exercised"] is True
    done = through.curl()
    assert done.returncode in (52, 55, 56, 18), done.stderr


def decisions(proxy):
    return sorted((event["path"], event["ordinal"], event["status"], event.get("injected_ms"))
                  for event in events(proxy, "request"))


def draws(proxy):
    paths = {event["exchange"]: (event["path"], event["ordinal"]) for event in events(proxy, "request")}
    return sorted((*paths[event["exchange"]], event["rule"], event["draw"], event.get("asked_ms"))
                  for event in events(proxy, "fault"))


MIXED = ("error: 503, share: 30%", "latency: {min: 1ms, max: 3ms}, share: 50%",
         "error: 429, share: 20%, when: {path: /b}")


def replay(way, path, *options):
    """The same requests over several connections, not in the same order each time."""
    through = way("plain", KEPT, scenario=path, options=options)
    clients = [through.client() for _ in range(4)]
    for number in range(80):
        clients[number % 4].ask("GET", f"/{'abcd'[number % 4]}")
        if number % 4 == 3:
            for client in reversed(clients):
                assert client.answer() is not None
    for client in clients:
        client.close()
    wait_requests(through.panne, 80)
    assert through.panne.stop() == 0
    return decisions(through.panne), draws(through.panne)


def test_the_same_seed_decides_the_same(way, faults):
    path = faults(*MIXED)
    first, second = replay(way, path), replay(way, path)
    assert first == second
    assert len({status for _, _, status, _ in first[0]}) == 3, "something of each has happened"
    other = replay(way, path, "--seed", "8")
    assert other != first


@pytest.mark.workers
def test_two_workers_draw_the_same_as_one(way, faults):
    path = faults(*MIXED)
    assert replay(way, path, "--workers", "2") == replay(way, path)


def test_calm_ends_with_0_and_faults_that_touch_nothing_with_4(way, faults):
    calm = way("plain", KEPT)
    with calm.client() as client:
        client.fetch()
    assert calm.panne.stop() == 0
    idle = way("plain", KEPT, scenario=faults("error: 500"))
    assert idle.panne.stop() == 4
    other = way("plain", KEPT, scenario=faults("error: 500, when: {path: /other}"))
    with other.client() as client:
        assert client.fetch().status == 200
    assert other.panne.stop() == 4
    end = events(other.panne, "end")[0]
    assert (end["exit"], end["requests"], end["faults"]) == (4, 1, 0) and end["why"]


def test_nth_fails_twice_then_succeeds(way, faults):
    through = way("plain", KEPT, scenario=faults("error: 503, nth: 1..2"))
    with through.client() as client:
        assert [client.fetch("GET", path).status for path in ("/a", "/a", "/a", "/b", "/b", "/b")] == \
            [503, 503, 200] * 2


def test_a_client_is_told_by_a_header_where_asked(way, faults):
    through = way("plain", KEPT, scenario=faults("error: 503, nth: 1"),
                  options=("--client-by", "header:X-App"))
    with through.client() as client:
        assert [client.fetch(headers=(f"X-App: {name}",)).status
                for name in ("a", "a", "b", "a", "b")] == [503, 200, 503, 200, 200]


def test_a_bundled_outage_is_replayed_phase_by_phase(panne, origin):
    """The Tesla evening, stepped through: each phase does to a request what the scenario says."""
    import signal
    server = origin(AS_JSON)
    proxy = panne("run", "tesla-2021", "--listen", "http://127.0.0.1:0", "--upstream", server.url,
                  "--step", "--seed", "1")
    seen = {}
    with wire.Client(proxy.url(), within=30) as client:
        client.fetch("GET", "/api/1/vehicles")
        for phase in ("calm", "verbosity", "down", "worldwide", "partial-back", "tail", "after"):
            proxy.wait_log(lambda event: event["event"] == "phase" and event["name"] == phase)
            seen[phase] = client.fetch("GET", f"/static/{phase}").status
            proxy.send(signal.SIGUSR1)
    assert set(seen.values()) == {200}, "the key over Bluetooth stays up"
    assert [event.get("name") for event in events(proxy, "phase")][:7] == list(seen)
