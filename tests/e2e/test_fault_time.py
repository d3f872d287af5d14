"""Faults of time on the wire: when each piece comes, as clients see it, and what the log says."""
import concurrent.futures
import statistics
import time

import pytest
import requests

from origins import ForEver, answer, read, read_head, read_to_end, send, wait
from ways import Way, events, wait_events, wait_requests

KEPT = ForEver([read_head(), answer()])
BODY = bytes(range(256)) * 1024
LARGE = ForEver([read_head(), answer(BODY)])
UPLOADS = ForEver([read_head(), read(len(BODY)), answer()])
LATE = 50  # milliseconds that a busy machine may be late by, where many are measured together


def arrivals(client, count, since):
    """When the bytes have come: pairs of how many by then, and seconds since."""
    seen = []
    while (seen[-1][0] if seen else 0) < count and client.more():
        seen.append((len(client.buffer), time.monotonic() - since))
    return seen


def timed(call):
    begun = time.monotonic()
    result = call()
    return result, time.monotonic() - begun


def check_faults(panne, kind, count=1):
    """All exercised."""
    for fault in wait_events(panne, "fault", count):
        assert (fault["kind"], fault["exercised"]) == (kind, True) and fault["touched"] > 0


SHAPES = ("min: 5ms, max: 25ms", "mean: 15ms, deviation: 4ms", "median: 10ms, sigma: 0.5", "mean: 10ms",
          "min: 8ms, alpha: 3", "p50: 8ms, p99: 40ms", "p50: 8ms, p90: 12ms, p99: 40ms")


@pytest.mark.parametrize("at", ["request", "response"])
@pytest.mark.parametrize("shape", SHAPES)
def test_each_delay_is_the_draw_that_the_log_names(way, faults, shape, at):
    through = way("plain", KEPT, scenario=faults(f"latency: {{{shape}, at: {at}}}"))
    with through.client() as client:
        seen = [timed(client.fetch)[1] * 1000 for _ in range(40)]
    named = wait_events(through.panne, "fault", 40)
    late = [fault["measured_ms"] - fault["asked_ms"] for fault in named]
    assert min(late) >= 0 and statistics.median(late) < 5, late
    assert all(mine >= fault["asked_ms"] for mine, fault in zip(seen, named))
    assert statistics.median(mine - fault["asked_ms"] for mine, fault in zip(seen, named)) < 10
    assert len({fault["asked_ms"] for fault in named}) > 30


@pytest.mark.parametrize("kind", Way.ALL)
def test_latency_at_the_connection(way, faults, kind):
    through = way(kind, KEPT, scenario=faults("latency: {min: 100ms, max: 200ms, at: connect}"))
    for _ in range(3):
        done = through.curl("-o", "/dev/null", "-w", "%{http_code} %{time_connect} %{time_total}")
        status, connected, total = map(float, done.stdout.split())
        assert status == 200 and connected < 0.1 <= total
    with through.client() as client:
        assert client.fetch().status == 200
        assert timed(client.fetch)[1] < 0.1, "once for each connection"
    named = wait_events(through.panne, "fault", 4)
    assert len({fault["asked_ms"] for fault in named}) == 4
    for fault in named:
        assert fault["exercised"] and 100 <= fault["asked_ms"] <= 200
        assert 0 <= fault["measured_ms"] - fault["asked_ms"] < LATE
    assert wait_requests(through.panne, 5)[0]["faults"] == 0


def test_bursts_share_a_draw(way, faults):
    through = way("plain", KEPT, scenario=faults("latency: {min: 1ms, max: 60ms, burst: 500ms}"))
    with through.client() as client:
        begun = time.monotonic()
        while time.monotonic() - begun < 2:
            assert client.fetch().status == 200
    windows = {}
    for request in events(through.panne, "request"):
        windows.setdefault(int(request["decided_s"] // 0.5), set()).add(request["injected_ms"])
    assert all(len(draws) == 1 for draws in windows.values()), windows
    assert len(set.union(*windows.values())) == len(windows) >= 4


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"
PIECES = [read_head(), send(HEAD), send(b"a"), wait(0.25), send(b"b"), wait(0.25), send(b"c")]


@pytest.mark.parametrize("kind", Way.ALL)
def test_latency_at_each_chunk(way, faults, kind):
    through = way(kind, PIECES, scenario=faults("latency: {delay: 150ms, at: chunk}"))
    with through.client() as client:
        begun = time.monotonic()
        client.ask()
        assert client.head().status == 200
        assert time.monotonic() - begun < 0.15 and client.buffer == b""
        seen = arrivals(client, 3, begun)
        assert client.buffer == b"abc"
    for (count, when), due in zip(seen, (0.15, 0.4, 0.65)):
        assert due <= when < due + 0.2, seen
    assert [count for count, _ in seen] == [1, 2, 3]
    check_faults(through.panne, "latency")


def test_chunks_of_a_tunnel_are_late_both_ways(tunnel):
    client, proxy, _ = tunnel([read(4), send(b"pong"), read_to_end()],
                              "latency: {delay: 150ms, at: chunk, on: both}")
    with client:
        begun = time.monotonic()
        client.send(b"ping")
        assert client.take(4) == b"pong" and 0.3 <= time.monotonic() - begun < 0.6
    check_faults(proxy, "latency")


def test_the_chunks_of_an_upload_are_late(way, faults):
    through = way("plain", ForEver([read_head(), read(3), answer()]),
                  scenario=faults("latency: {delay: 200ms, at: chunk, on: request}"))
    with through.client() as client:
        got, took = timed(lambda: client.fetch("POST", body=b"abc"))
    assert got.status == 200 and 0.2 <= took < 0.4
    check_faults(through.panne, "latency")


@pytest.mark.parametrize("kind", Way.ALL)
def test_bandwidth_down(way, faults, kind):
    through = way(kind, LARGE, scenario=faults("bandwidth: 256KiB/s"))
    done = through.curl("-o", "/dev/null", "-w", "%{size_download} %{time_starttransfer} %{time_total}")
    size, started, total = map(float, done.stdout.split())
    assert size == len(BODY) and 0.98 <= total - started < 1.1 and started < 0.5
    check_faults(through.panne, "bandwidth")
    assert wait_requests(through.panne, 1)[0]["outcome"] == "answered"


def test_a_long_transfer_has_the_rate_to_two_percent_and_no_gaps(way, faults):
    through = way("plain", [read_head(), answer(BODY * 16)], scenario=faults("bandwidth: 10Mbit/s"))
    length, rate = 16 * len(BODY), 1.25e6
    with through.client() as client:
        client.ask()
        assert client.head().status == 200
        begun, had = time.monotonic(), len(client.buffer)
        seen = arrivals(client, length, begun)
    assert length / rate * 0.98 <= seen[-1][1] <= length / rate * 1.02
    # What has come by any moment, but for what came with the head.
    assert all(count <= had + rate * (when + 0.02) for count, when in seen)
    gaps = [after[1] - before[1] for before, after in zip(seen, seen[1:])]
    assert statistics.median(gaps) < 0.02, max(gaps)


@pytest.mark.parametrize("kind", Way.ALL)
def test_bandwidth_up(way, faults, kind):
    through = way(kind, UPLOADS, scenario=faults("bandwidth: {rate: 512KiB/s, on: request}"))
    done = through.curl("-o", "/dev/null", "-w", "%{http_code} %{time_total}", "--data-binary", "@-",
                        "-H", "Expect:", stdin=BODY, text=False)
    status, total = map(float, done.stdout.split())
    assert status == 200 and 0.49 <= total < 0.8
    assert through.origin.received[0].endswith(BODY)
    check_faults(through.panne, "bandwidth")


def test_a_burst_passes_at_once(way, faults):
    through = way("plain", LARGE, scenario=faults("bandwidth: {rate: 256KiB/s, burst: 192KiB}"))
    got, took = timed(lambda: requests.get(through.base, timeout=10))
    assert got.content == BODY and 0.24 <= took < 0.4


@pytest.mark.parametrize("shared, takes", [("exchange", 0.5), ("connection", 0.5), ("all", 1)])
def test_a_shared_bandwidth(way, faults, shared, takes):
    """Two transfers of half a second, on one connection and on two."""
    through = way("plain", ForEver([read_head(), answer(BODY[:131072])]),
                  scenario=faults(f"bandwidth: {{rate: 256KiB/s, shared: {shared}}}"))

    def get(_):
        return timed(lambda: requests.get(through.base, timeout=10))

    with through.client() as client:
        begun = time.monotonic()
        assert client.fetch().whole and client.fetch().whole
        assert 0.98 <= time.monotonic() - begun < 1.25, "one behind the other"
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        begun = time.monotonic()
        assert all(got.status_code == 200 for got, _ in pool.map(get, range(2)))
    assert takes * 0.98 <= time.monotonic() - begun < takes + 0.25


def test_bandwidth_of_a_tunnel(tunnel):
    client, proxy, _ = tunnel([read(65536), send(BODY[:65536]), read_to_end()],
                              "bandwidth: {rate: 256KiB/s, on: both}")
    with client:
        begun = time.monotonic()
        client.send(BODY[:65536])
        assert client.take(65536) == BODY[:65536]
        assert 0.49 <= time.monotonic() - begun < 0.65
    check_faults(proxy, "bandwidth")


@pytest.mark.parametrize("kind", Way.ALL)
def test_slow_beats_a_time_out_for_silence_but_not_one_for_all(way, faults, kind):
    through = way(kind, ForEver([read_head(), answer(b"0123456789")]), scenario=faults("slow: 100ms"))
    got, took = timed(lambda: requests.get(through.base, timeout=0.5, **through.requests))
    assert got.text == "0123456789" and 1 <= took < 1.5
    done = through.curl("--max-time", "0.7")
    assert done.returncode == 28 and "0123456789".startswith(done.stdout) and len(done.stdout) < 7
    done = through.curl("--speed-limit", "100", "--speed-time", "1", "--no-buffer")
    assert done.returncode in (0, 28)
    check_faults(through.panne, "slow", 2)


def test_slow_pieces_and_what_goes_before(way, faults):
    through = way("plain", ForEver([read_head(), answer(b"0123456789")]),
                  scenario=faults("slow: {every: 200ms, size: 3B, after: 4}"))
    with through.client() as client:
        begun = time.monotonic()
        client.ask()
        assert client.head().status == 200 and client.take(4) == b"0123"
        assert time.monotonic() - begun < 0.2
        seen = arrivals(client, 6, begun)
        assert client.buffer == b"456789"
    assert [count for count, _ in seen] == [3, 6]
    assert all(due <= when < due + 0.15 for (_, when), due in zip(seen, (0.2, 0.4)))
    assert wait_events(through.panne, "fault", 1)[0]["touched"] == 7, "and the end"


def test_a_slow_upload_and_a_slow_tunnel(way, tunnel, faults):
    through = way("plain", ForEver([read_head(), read(4), answer()]),
                  scenario=faults("slow: {every: 100ms, on: request}"))
    with through.client() as client:
        got, took = timed(lambda: client.fetch("POST", body=b"abcd"))
    assert got.status == 200 and 0.4 <= took < 0.6
    check_faults(through.panne, "slow")
    client, proxy, _ = tunnel([read(2), send(b"ok"), read_to_end()],
                              "slow: {every: 100ms, on: both}")
    with client:
        begun = time.monotonic()
        client.send(b"hi")
        assert client.take(2) == b"ok" and 0.4 <= time.monotonic() - begun < 0.6
    check_faults(proxy, "slow")
