"""The end of a run, a scenario that changes meanwhile, and a log that cannot be written."""
import json
import os
import pathlib
import signal
import subprocess
import threading
import time

import pytest

import panne as helper
import wire
from origins import ForEver, answer, read_head, send, wait_for, wait_until
from ways import Way, events, wait_requests

KEPT = ForEver([read_head(), answer()])
PHASE = "panne: 1\nservices: {any: {match: {}}}\nphases:\n  - name: %s\n    faults: [{service: any, %s}]\n"
BEGUN = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n"


def load(base, stop, statuses, lock, errors):
    """A client that asks until it is told to stop, each time on its own connection if need be."""
    client = None
    while not stop.is_set():
        try:
            client = client or wire.Client(base)
            got = client.fetch("GET", "/load")
        except OSError as error:
            errors.append(error)
            return
        if got is None:
            errors.append("no answer")
            return
        with lock:
            statuses.append(got.status)
        if client.ended or (got.get("Connection") or "") == "close":
            client.close()
            client = None
    if client:
        client.close()


def refuses(proxy):
    try:
        wire.Client(proxy.url()).close()
        return False
    except OSError:
        return True


@pytest.mark.parametrize("kind", Way.ALL)
def test_what_is_in_flight_completes(way, kind):
    go = threading.Event()
    through = way(kind, ForEver([read_head(), send(BEGUN), wait_for(go), send(b"finish")]))
    clients = [through.client() for _ in range(20)]
    idle = through.client()
    for client in clients:
        client.ask()
    for client in clients:
        assert client.head().status == 200
    through.panne.send(signal.SIGTERM)
    assert idle.rest() == b"" and idle.ended == "end", "an idle connection ends at once"
    idle.close()
    wait_until(lambda: refuses(through.panne), 5, "new connections are refused")
    assert through.panne.status is None
    go.set()
    for client in clients:
        assert client.take(6) == b"finish"
        client.close()
    assert through.panne.wait() == 0
    assert [event["outcome"] for event in events(through.panne, "request")] == ["answered"] * 20
    assert through.panne.log()[-1]["event"] == "end"


def test_a_drain_under_load_loses_nothing(way):
    """Whoever got a connection gets answers, or an orderly end between two of them."""
    through = way("plain", KEPT)
    stop, lock, statuses, ends = threading.Event(), threading.Lock(), [], []
    base = through.panne.url()
    threads = [threading.Thread(target=load, args=(base, stop, statuses, lock, ends)) for _ in range(8)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(statuses) > 500, 10, "load")
    assert through.panne.stop() == 0
    stop.set()
    for thread in threads:
        thread.join(10)
    assert set(statuses) == {200}
    asked = events(through.panne, "request")
    assert {event["outcome"] for event in asked} == {"answered"}
    assert len(asked) == len(statuses), "the log has each request"
    end = events(through.panne, "end")[0]
    assert (end["requests"], end["lost"]) == (len(statuses), 0)


def test_a_drain_ends_a_hang_after_its_time(way, scenario):
    through = way("plain", KEPT, scenario=scenario(PHASE % ("bad", "hang: {at: head}")),
                  options=("--drain-timeout", "300ms"))
    with through.client() as client:
        client.ask()
        through.panne.wait_log(lambda event: event["event"] == "phase")
        began = time.monotonic()
        through.panne.stop()
        assert 0.3 <= time.monotonic() - began < 3
        assert client.rest() == b""
    event = events(through.panne, "request")[0]
    assert event["outcome"] in ("cut", "hung")


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_it_at_once(way, second):
    never = threading.Event()
    through = way("plain", [read_head(), send(BEGUN), wait_for(never)],
                  options=("--drain-timeout", "60s"))
    with through.client() as client:
        client.ask()
        assert client.head().status == 200
        through.panne.send(signal.SIGTERM)
        wait_until(lambda: refuses(through.panne), 5, "new connections are refused")
        through.panne.send(second)
        through.panne.wait(within=3)
        assert not client.rest()
    never.set()
    assert events(through.panne, "request")[0]["outcome"] == "cut"


def test_a_reload_under_load_fails_nothing(way, scenario):
    path = scenario(PHASE % ("before", "latency: 1ms"))
    through = way("plain", KEPT, scenario=path)
    stop, lock, statuses, errors = threading.Event(), threading.Lock(), [], []
    threads = [threading.Thread(target=load, args=(through.panne.url(), stop, statuses, lock, errors))
               for _ in range(4)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(statuses) > 100, 10, "load")
    assert set(statuses) == {200}
    path.write_text(PHASE % ("after", "error: 418"))
    through.panne.send(signal.SIGHUP)
    wait_until(lambda: statuses[-1] == 418, 10, "the new rule")
    stop.set()
    for thread in threads:
        thread.join(10)
    assert not errors and set(statuses) == {200, 418}
    with through.client() as client:
        assert client.fetch().status == 418
    assert through.panne.stop() == 0
    assert ("after", "reload") in [(event.get("name"), event["why"])
                                   for event in events(through.panne, "phase")]


def test_an_invalid_scenario_is_not_loaded(way, scenario):
    path = scenario(PHASE % ("before", "error: 418"))
    through = way("plain", KEPT, scenario=path)
    with through.client() as client:
        assert client.fetch().status == 418
        path.write_text(PHASE % ("after", "eror: 500"))
        through.panne.send(signal.SIGHUP)
        trouble = through.panne.wait_log(lambda event: event["event"] == "trouble")
        assert trouble["what"] == "reload-failed"
        assert client.fetch().status == 418
    assert f"{path}:5:29: " in through.panne.stderr and "error" in through.panne.stderr


def test_a_log_that_was_moved_away_is_begun_anew(way, tmp_path):
    log, old = tmp_path / "run.ndjson", tmp_path / "run.ndjson.1"
    through = way("plain", KEPT, options=("--log", log))
    with through.client() as client:
        client.fetch("GET", "/before")
        wait_requests(through.panne, 1)
        log.rename(old)
        through.panne.send(signal.SIGHUP)
        wait_until(log.exists, 5, "a new log")
        client.fetch("GET", "/after")
        wait_requests(through.panne, 1)
    assert through.panne.stop() == 0
    assert b'"/before"' in old.read_bytes() and b'"/after"' not in old.read_bytes()
    assert [event["path"] for event in events(through.panne, "request")] == ["/after"]
    assert through.panne.log()[0]["event"] == "run", "it stands alone"


def test_a_full_disk_is_said_and_counted(way):
    through = way("plain", KEPT, options=("--log", "/dev/full"))
    with through.client() as client:
        assert client.fetch().status == 200, "traffic goes on"
    assert through.panne.stop() == 3
    assert "/dev/full" in through.panne.stderr and "space" in through.panne.stderr


def test_a_log_whose_reader_has_gone_is_said(tmp_path, environment, origin):
    server = origin(KEPT)
    ready = tmp_path / "ready.json"
    reader, writer = os.pipe()
    process = subprocess.Popen(
        [helper.BINARY, "run", "calm", "--listen", "http://127.0.0.1:0", "--upstream", server.url,
         "--ready-file", ready, "--log", "/dev/stdout"],
        stdout=writer, stderr=subprocess.PIPE, env=environment, text=True)
    os.close(writer)
    try:
        wait_until(ready.exists, 10, "ready")
        os.close(reader)
        with wire.Client(json.loads(ready.read_text())["listeners"][0]["url"]) as client:
            assert client.fetch().status == 200
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 3
    assert "pipe" in said.lower()


def test_a_log_that_cannot_be_opened_is_an_error(panne):
    proxy = panne("run", "calm", "--listen", "http://127.0.0.1:0", "--upstream", "http://127.0.0.1:1",
                  "--log", "/nowhere/at/all", ready=False)
    assert proxy.wait() == 3 and "/nowhere/at/all" in proxy.stderr


def test_a_port_that_is_taken_is_an_error(panne, origin):
    server = origin(KEPT)
    proxy = panne("run", "calm", "--listen", server.url, "--upstream", "http://127.0.0.1:1",
                  ready=False)
    assert proxy.wait() == 3 and str(server.port) in proxy.stderr


def test_sigusr1_goes_to_the_next_phase(way, scenario):
    path = scenario("panne: 1\nservices: {any: {match: {}}}\nphases:\n"
                    "  - {name: one, lasts: 1h}\n"
                    "  - {name: two, lasts: 1h, faults: [{service: any, error: 418}]}\n"
                    "  - {name: three, lasts: 1h}\n")
    through = way("plain", KEPT, scenario=path, options=("--step",))
    seen = []
    with through.client() as client:
        for name in ("one", "two", "three"):
            if seen:
                through.panne.send(signal.SIGUSR1)
                through.panne.wait_log(lambda event: event.get("name") == name)
            seen.append(client.fetch().status)
    through.panne.send(signal.SIGUSR1)
    assert through.panne.wait() == 0, "past the last phase the run ends"
    assert seen == [200, 418, 200]
    assert [event["phase"] for event in events(through.panne, "request")] == ["one", "two", "three"]


def test_a_timeline_ends_the_run(way, scenario):
    path = scenario("panne: 1\nservices: {any: {match: {}}}\nphases:\n"
                    "  - {name: one, lasts: 300ms, faults: [{service: any, error: 418}]}\n"
                    "  - {name: two, lasts: 300ms}\n")
    through = way("plain", KEPT, scenario=path)
    with through.client() as client:
        assert client.fetch().status == 418
        through.panne.wait_log(lambda event: event.get("name") == "two")
        assert client.fetch().status == 200
    assert through.panne.wait() == 0
    moments = [event["time"] for event in events(through.panne, "phase")]
    assert abs(moments[1] - moments[0] - 0.3) < 0.05 and abs(moments[2] - moments[1] - 0.3) < 0.05


def test_descriptors_are_back_where_they_were(way):
    through = way("plain", KEPT)
    before = through.panne.descriptors()
    for _ in range(30):
        with through.client() as client:
            client.fetch(headers=("Connection: close",))
    wait_until(lambda: len(events(through.panne, "connection")) == 30, 5, "all are gone")
    after = through.panne.descriptors()
    assert len(after) <= len(before) + 1, "one origin connection is kept"
    assert pathlib.Path(f"/proc/{through.panne.pid}").exists()
