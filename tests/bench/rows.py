"""rows: what is measured, a function for each part of the table."""
import contextlib
import os
import statistics
import subprocess

import meter
from hold import Crowd, SilentOrigin
from peers import NAMES, Origin, Peer, Work, can_delay
from place import HERE, ROOT, Failure

KEEP_ALIVE = 64
LATENCY = """\
panne: 1
title: Every answer a tenth of a second late
services:
  any:
    match: {}
phases:
  - name: late
    faults:
      - {service: any, latency: 100ms}
"""
# Ten rules that are asked about every request and touch none.
IDLE_RULE = "      - {service: any, %s, when: {path: /never/%d/**}}\n"
IDLE = """\
panne: 1
title: Rules that match nothing
services:
  any:
    match: {}
phases:
  - name: idle
    faults:
""" + "".join(IDLE_RULE % (("error: 500", "latency: 100ms")[i % 2], i) for i in range(10))
# calm, but for a client that is judged.
JUDGED = """\
panne: 1
title: Nothing goes wrong, and the client is judged
services:
  any:
    match: {}
phases:
  - name: calm
expect:
  unsafe-repeats: {at-most: 0}
"""


@contextlib.contextmanager
def stopping(*things):
    """Stop them when done, the last one first."""
    try:
        yield things
    finally:
        for thing in reversed(things):
            thing.stop()


def rounds_of_load(place, subjects, path, seconds, connections):
    """CPU µs and requests a second of each subject, a list with an item for each round. The
    subjects take turns, each round begins with another one."""
    names = list(subjects)
    cost, rate = {name: [] for name in names}, {name: [] for name in names}
    for turn in range(place.rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            url, pid = subjects[name]
            before = meter.cpu_seconds(pid)
            requests, a_second = meter.load(url + path, place.last, seconds, connections)
            cost[name].append((meter.cpu_seconds(pid) - before) * 1e6 / requests)
            rate[name].append(a_second)
    return cost, rate


def add_rates(table, work, rate):
    """Each one's share of what the load gets without a proxy."""
    table.add(work, "times slower than direct", {
        name: [direct / one for direct, one in zip(rate["direct"], rate[name])]
        for name in rate if name != "direct"}, digits=2)


def three(place, work, path, size, seconds, connections, origin=None):
    """The three proxies in front of one origin, under the same load in turns."""
    origin = origin or Origin(place, work.tls, place.last)
    peers = [Peer(place, name, work, origin.port).start(place.last) for name in NAMES]
    subjects = {"direct": (origin.base, origin.process.pid)}
    with stopping(origin, *peers):
        for peer in peers:
            place.check(peer.base + path, size)
            subjects[peer.name] = (peer.base, peer.process.pid)
        return rounds_of_load(place, subjects, path, seconds, connections)


def slopes(place, work, lengths, before, count, names=NAMES):
    """What each request costs by a tool that slows the process down, so that it tells counts."""
    origin = Origin(place, work.tls, place.last)
    with stopping(origin):
        return {name: [meter.slope(Peer(place, name, work, origin.port), place.last, lengths,
                                   before, count)] for name in names}


def plain(place, table):
    work = "1 KiB, keep-alive, 64 connections"
    cost, rate = three(place, Work(), "/1k", 1024, 1 if place.quick else 2, KEEP_ALIVE)
    table.add(work, "CPU µs/request", cost, goal="nginx")
    add_rates(table, work, rate)
    lengths, names = ((1, 3), ("panne",)) if place.quick else ((1, 4), NAMES)
    table.add(work, "instructions/request", slopes(
        place, Work(), lengths, meter.with_callgrind, meter.read_callgrind, names),
        goal=12000, digits=0)
    table.add(work, "system calls/request", slopes(
        place, Work(), lengths, meter.with_strace, meter.read_strace, names), goal=4.4, digits=2)


def tls(place, table):
    work = "1 KiB, TLS in, TLS out"
    cost, rate = three(place, Work(tls=True), "/1k", 1024, 1 if place.quick else 3, KEEP_ALIVE)
    table.add(work, "CPU µs/request", cost, goal="nginx")
    add_rates(table, work, rate)
    lengths, names = ((1, 3), ("panne",)) if place.quick else ((1, 4), NAMES)
    table.add(work, "system calls/request", slopes(
        place, Work(tls=True), lengths, meter.with_strace, meter.read_strace, names),
        goal=7.1, digits=2)


def body(place, table):
    work = "10 MiB body, plain"
    cost, rate = three(place, Work(splice=True), "/10m", 10 << 20, 1 if place.quick else 2, 4)
    table.add(work, "CPU ms/body", {name: [value / 1000 for value in values]
                                    for name, values in cost.items()}, goal="haproxy", digits=2)
    add_rates(table, work, rate)


def memory(place, table):
    for work, is_tls, count, goal in (("request waiting, plain", False, 2000, 4.6),
                                      ("request waiting, TLS in and out", True, 1000, 55.0)):
        count = count // 5 if place.quick else count
        values = {name: [growth(place, name, Work(tls=is_tls), count)] for name in NAMES}
        table.add(work, "KiB/connection", values, goal=goal)


def growth(place, name, work, count):
    """KiB of a proxy for each connection with a request that its origin has not answered."""
    origin = SilentOrigin(place, work.tls, place.last)
    peer = Peer(place, name, work, origin.port)
    with stopping(origin, peer):
        peer.start(place.last)
        crowd = Crowd(peer, origin)
        try:
            crowd.grow(1)
            before = meter.resident_kib(peer.process.pid)
            crowd.grow(count)
            return (meter.resident_kib(peer.process.pid) - before) / count
        finally:
            crowd.leave()


def compile_delays(place):
    binary = place.path("delays")
    done = subprocess.run([os.environ.get("CC", "cc"), "-std=c11", "-D_GNU_SOURCE", "-O2", "-o",
                           binary, str(HERE / "delays.c")], capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        raise Failure(done.stderr)
    return binary


def delays(place, binary, port, delay, pause):
    """Least, p50, p90, p99 and greatest lateness in ms of what `delays` hears."""
    seconds = 1 if place.quick else 3
    done = subprocess.run([binary, str(port), str(KEEP_ALIVE), str(seconds * 1000), str(delay),
                           str(pause)], capture_output=True, text=True, check=False,
                          preexec_fn=lambda: os.sched_setaffinity(0, {place.last}))
    if done.returncode != 0:
        raise Failure(f"delays: {done.stderr}")
    return [int(word) / 1000 for word in done.stdout.split()[1:]]


def delay(place, table):
    """The proxy alone on its processor, load and origin on the other."""
    binary = compile_delays(place)
    scenario = place.write("latency.yaml", LATENCY)
    origin = Origin(place, False, place.last)
    calm = Peer(place, "panne", Work(), origin.port).start(place.first)
    peers = [Peer(place, "panne", Work(scenario=scenario), origin.port).start(place.first)]
    if can_delay():
        peers.append(Peer(place, "nginx", Work(delay=True), origin.port).start(place.first))
    seen = {name: [] for name in ("direct", "calm", *(peer.name for peer in peers))}
    with stopping(origin, calm, *peers):
        for peer in (calm, *peers):
            place.check(peer.base + "/1k", 1024)
        for _ in range(place.rounds):
            # The same rate for all: who is not delayed pauses for as long.
            seen["direct"].append(delays(place, binary, origin.port, 0, 100000))
            seen["calm"].append(delays(place, binary, calm.port, 0, 100000))
            for peer in peers:
                seen[peer.name].append(delays(place, binary, peer.port, 100000, 0))
    add_delays(table, {peer.name: seen[peer.name] for peer in peers})
    way = {name: statistics.median(one[1] for one in seen[name]) for name in ("direct", "calm")}
    table.note(f"Lateness holds the way there and back: p50 is {way['direct']:.3f} ms without any "
               f"proxy, {way['calm']:.3f} ms through panne with nothing injected.")


def add_delays(table, seen):
    work = "injected 100 ms, 64 connections"
    for place_of, name, goal in ((1, "late by, p50, ms", 0.2), (3, "late by, p99, ms", 1.0)):
        table.add(work, name, {peer: [one[place_of] for one in rounds]
                               for peer, rounds in seen.items()}, goal=goal, digits=3)
    # The least of all rounds, not their median: once is too often.
    table.add(work, "early by, most, ms", {
        peer: [max(0.0, -min(one[0] for one in rounds))] for peer, rounds in seen.items()},
        goal=0.0, digits=3)


def two(place, pairs):
    """Subjects in turns, plain 1 KiB requests."""
    origin = Origin(place, False, place.last)
    peers = {label: Peer(place, name, what, origin.port).start(place.last)
             for label, (name, what) in pairs.items()}
    with stopping(origin, *peers.values()):
        subjects = {}
        for label, peer in peers.items():
            place.check(peer.base + "/1k", 1024)
            subjects[label] = (peer.base, peer.process.pid)
        cost, _ = rounds_of_load(place, subjects, "/1k", 1 if place.quick else 2, KEEP_ALIVE)
    return cost


def verdict(place, table):
    """What it costs to look at the client, too: without rules and expectations nobody does."""
    work = "1 KiB, the client is judged"
    judged = Work(scenario=place.write("judged.yaml", JUDGED))
    cost = two(place, {"calm": ("panne", Work()), "judged": ("panne", judged)})
    table.add(work, "CPU µs/request", {"panne": cost["judged"]})
    table.add(work, "by that of calm", {
        "panne": [a / b for a, b in zip(cost["judged"], cost["calm"])]}, goal=1.05, digits=2)


def log(place, table):
    work = "1 KiB, with a log"
    cost = two(place, {
        "panne": ("panne", Work()), "panne logging": ("panne", Work(log=True)),
        "nginx": ("nginx", Work()), "nginx logging": ("nginx", Work(log=True))})
    table.add(work, "CPU µs/request", {name: cost[name + " logging"] for name in ("panne", "nginx")},
              goal="nginx")
    table.add(work, "by that without", {
        name: [a / b for a, b in zip(cost[name + " logging"], cost[name])]
        for name in ("panne", "nginx")}, digits=2)


def rules(place, table):
    work = "1 KiB, 10 rules that match nothing"
    cost = two(place, {
        "calm": ("panne", Work()),
        "rules": ("panne", Work(scenario=place.write("idle.yaml", IDLE)))})
    table.add(work, "CPU µs/request", {"panne": cost["rules"]})
    table.add(work, "by that of calm", {
        "panne": [a / b for a, b in zip(cost["rules"], cost["calm"])]}, digits=2)


def compile_lines(place):
    """With the sources of the reader, optimized as the binary is."""
    sources = [ROOT / "proxy" / name for name in (
        "observe/log_read.c", "observe/log_scan.c", "observe/event.c", "base/arena.c",
        "base/buffer.c", "base/json_tree.c", "base/random.c", "base/say.c", "base/text.c")]
    binary = place.path("lines")
    done = subprocess.run([os.environ.get("CC", "cc"), "-std=c11", "-D_GNU_SOURCE", "-O3",
                           f"-I{ROOT / 'proxy'}", "-o", binary, str(HERE / "lines.c"),
                           *map(str, sources), "-ljansson", "-lm"],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failure(done.stderr)
    return binary


def read(place, table):
    """A log of its own making, read back."""
    binary, log_path = compile_lines(place), place.path("lines.log")
    count = 100000 if place.quick else 1000000
    seconds = []
    subprocess.run([binary, "write", log_path, str(count)], check=True)
    for _ in range(place.rounds):
        done = subprocess.run([binary, "read", log_path], capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            raise Failure(done.stderr)
        lines, spent = map(int, done.stdout.split())
        seconds.append(spent / lines)  # µs a line are seconds a million
    os.unlink(log_path)
    table.add("a log of 1,000,000 events", "CPU s to read it", {"panne": seconds}, goal=2.5,
              digits=2)


def judge(place, table):
    """A run of its own making, judged: time and memory of `panne report`."""
    binary, log_path = compile_lines(place), place.path("run.log")
    count = 100000 if place.quick else 1000000
    seconds, kib = [], []
    subprocess.run([binary, "run", log_path, str(count)], check=True)
    for _ in range(place.rounds):
        spent, most = meter.cost_of([place.panne, "report", log_path, "--report",
                                     "json:/dev/null"], (0, 1, 4), place.last)
        seconds.append(spent * 1000000 / count)
        kib.append(most / 1024)
    os.unlink(log_path)
    work = "a run of 1,000,000 events"
    table.add(work, "CPU s to judge it", {"panne": seconds}, goal=5.0, digits=2)
    table.add(work, "MiB resident, most", {"panne": kib}, goal=256.0)


ROWS = {"plain": plain, "tls": tls, "body": body, "memory": memory, "delay": delay, "log": log,
        "verdict": verdict, "rules": rules, "read": read,
        "judge": judge}
