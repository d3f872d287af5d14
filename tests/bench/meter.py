"""meter: one figure of one process each: CPU time, memory, instructions, system calls, requests."""
import os
import pathlib
import re
import subprocess
import time

from place import Failure

TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    """User and system time of a process with all its threads, ended ones too."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def resident_kib(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"^VmRSS:\s+(\d+) kB", status, re.M).group(1))


def cost_of(command, statuses, processor):
    """CPU seconds of a command, all of it, and the most KiB that it had resident."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL,
                               preexec_fn=lambda: os.sched_setaffinity(0, {processor}))
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in statuses:
        raise Failure(f"{' '.join(command)}: exit status {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def load(url, processor, seconds, connections):
    """Run wrk; the number of requests and how many of them there were a second."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", "--timeout", "30", url]
    done = subprocess.run(command, capture_output=True, text=True, check=False,
                          preexec_fn=lambda: os.sched_setaffinity(0, {processor}))
    count = re.search(r"(\d+) requests in ([0-9.]+)(ms|s|m)", done.stdout)
    rate = re.search(r"Requests/sec:\s+([0-9.]+)", done.stdout)
    wrong = re.search(r"Socket errors: .*|Non-2xx.*", done.stdout)
    if done.returncode != 0 or not count or not rate:
        raise Failure(f"wrk {url}: {done.stdout}{done.stderr}")
    if wrong and not re.search(r"connect 0, read 0, write 0, timeout 0", wrong.group(0)):
        raise Failure(f"wrk {url}: {wrong.group(0)}")
    return int(count.group(1)), float(rate.group(1))


def slope(peer, processor, lengths, before, count):
    """What each further request costs: the same work for two lengths, each in a fresh process.
    `before` gives the tool and its file, `count` reads the file once the process has ended."""
    points = []
    for seconds in lengths:
        tool, file = before(peer.place)
        peer.start(processor, tool)
        requests, _ = load(peer.base + "/1k", processor, seconds, 64)
        peer.stop()
        points.append((requests, _await(file, count)))
    (few, low), (many, high) = points
    if many <= few:
        raise Failure(f"{peer.name}: {many} requests in the longer run, {few} in the shorter")
    return (high - low) / (many - few)


def with_callgrind(place):
    file = place.path(f"callgrind-{time.monotonic_ns()}")
    return ["valgrind", "--tool=callgrind", f"--callgrind-out-file={file}.out",
            f"--log-file={file}"], file


def read_callgrind(text):
    return re.search(r"Collected : (\d+)", text)


def with_strace(place):
    """-D: the process that we start is the one traced, and strace a child of nobody's."""
    file = place.path(f"strace-{time.monotonic_ns()}")
    return ["strace", "-D", "-f", "-c", "-U", "calls,name", "-o", file], file


def read_strace(text):
    return re.search(r"^\s*(\d+)\s+total", text, re.M)


def _await(file, count):
    """What a tool writes when the process ends, maybe a little after."""
    for _ in range(200):
        if os.path.exists(file):
            found = count(pathlib.Path(file).read_text(errors="replace"))
            if found:
                return int(found.group(1))
        time.sleep(0.05)
    raise Failure(f"nothing to read in {file}")
