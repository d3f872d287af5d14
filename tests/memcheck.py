"""Valgrind's memcheck: how a program is run under it, and what its words mean.

Time: tests/run sets PANNE_TEST_SLACK, which unit tests multiply their limits by.
"""
import pathlib
import re

STATUS = 99
SLACK = 20
SUPPRESSIONS = pathlib.Path(__file__).resolve().parent / "memcheck.supp"

# Memcheck stands between these programs and the very thing that they test.
CANNOT = {
    "child_test": "posix_spawn becomes a fork there, and cannot tell why a program did not start",
    "listener_test": "its own RLIMIT_NOFILE takes a connection from the queue and drops it",
}


def command(program, log=None):
    """The words that run the program under memcheck; `log` is a file, else it goes to stderr."""
    return ["valgrind", "--quiet" if log is None else "--error-limit=no", "--leak-check=full",
            "--track-fds=yes", "--child-silent-after-fork=yes", f"--error-exitcode={STATUS}",
            f"--suppressions={SUPPRESSIONS}",
            *([f"--log-file={log}"] if log else []), str(program)]


def left_open(said):
    """The descriptors, by memcheck's words, that the program opened and did not close."""
    lines = [re.sub(r"^==\d+== ?", "", line) for line in said.splitlines()]
    return [line.strip() for line, origin in zip(lines, lines[1:] + [""])
            if re.match(r"Open (file descriptor|\S+ socket)", line) and "<inherited" not in origin]


def complaints(said):
    """What is wrong by a log (not by one of --quiet): errors, lost blocks, open descriptors."""
    found = left_open(said)
    errors = re.search(r"ERROR SUMMARY: (\d+) errors", said)
    if errors is None:
        found.append("memcheck did not come to its end")
    elif errors.group(1) != "0":
        found.append(errors.group(0))
    if "All heap blocks were freed" not in said:
        found += re.findall(r"in use at exit: .*|\w+ lost: .*|still reachable: .*", said)
    return found
