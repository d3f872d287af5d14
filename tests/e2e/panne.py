"""What the end-to-end tests share: the proxy as a process.

    proxy = panne("run", "calm", "--listen", "http://127.0.0.1:0", "--upstream", origin.url)
    requests.get(proxy.url() + "/")
    assert proxy.stop() == 0
    assert [event for event in proxy.log() if event["event"] == "..."]

`panne` is a fixture (conftest.py); what it started is stopped, and judged, when the test ends.
"""
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("PANNE") or str(ROOT / "panne")
READY_WITHIN = 20.0
STOPPED_WITHIN = 20.0
# What a sanitizer says, wherever it says it.
SANITIZER = ("AddressSanitizer", "LeakSanitizer", "runtime error:", "ThreadSanitizer")


def wait_until(condition, within=5.0, what="the condition"):
    """Poll until `condition()` is true, and return what it gave."""
    end = time.monotonic() + within
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {within} s")
        time.sleep(0.005)


def environment(home, data, extra=None):
    """A small environment of its own: nothing of the user's gets in."""
    env = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LANG": "C.UTF-8",
           "HOME": str(home), "XDG_DATA_HOME": str(data), "TMPDIR": str(home)}
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"):
        if name in os.environ:
            env[name] = os.environ[name]
    env.update(extra or {})
    return env


def processes_of_session(session):
    """The ids of the living processes of a session, zombies left out."""
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # gone meanwhile
        if fields[0] != "Z" and int(fields[3]) == session:
            found.append(int(stat.parent.name))
    return found


class Panne:
    """One run of the proxy. Its arguments are the command line's; --ready-file and --log are added
    to `run` unless given. `program` is what is started in place of the binary alone."""

    def __init__(self, arguments, directory, env, program=(BINARY,)):
        # A directory for each run, so that two runs in a test do not mix.
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="panne-", dir=directory))
        self.arguments = [str(argument) for argument in arguments]
        self.ready_file = self._option("--ready-file", "ready.json")
        self.log_file = self._option("--log", "log.ndjson")
        self.env = env
        self.program = program
        self.process = None
        self.ready = None

    def _option(self, name, file):
        """The value of the option; added to a `run` that lacks it, before any `--`."""
        command = self.arguments.index("--") if "--" in self.arguments else len(self.arguments)
        for place, argument in enumerate(self.arguments[:command]):
            if argument == name:
                return pathlib.Path(self.arguments[place + 1])
            if argument.startswith(name + "="):
                return pathlib.Path(argument.partition("=")[2])
        path = self.directory / file
        if self.arguments[:1] == ["run"]:
            self.arguments[command:command] = [name, str(path)]
        return path

    def start(self, wait=True):
        """Start it; with `wait`, return when it listens."""
        # Files, not pipes: nobody must read them for the proxy to go on.
        with (self.directory / "stdout").open("wb") as out, \
                (self.directory / "stderr").open("wb") as err:
            self.process = subprocess.Popen(
                [*self.program, *self.arguments], cwd=self.directory, env=self.env,
                stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True)
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self, within=READY_WITHIN):
        """Until the ready file is there; it appears whole. An early end is an error."""
        def look():
            if self.ready_file.exists():
                return True
            if self.process.poll() is not None:
                raise AssertionError(f"panne {' '.join(self.arguments)} ended with "
                                     f"{self.process.returncode} before it was ready\n{self.stderr}")
            return False

        wait_until(look, within, "panne is ready")
        self.ready = json.loads(self.ready_file.read_text())
        return self.ready

    @property
    def pid(self):
        return self.process.pid

    @property
    def stdout(self):
        return (self.directory / "stdout").read_text(errors="replace")

    @property
    def stderr(self):
        return (self.directory / "stderr").read_text(errors="replace")

    @property
    def status(self):
        """The exit status, or None while it runs."""
        return self.process.poll() if self.process else None

    def url(self, kind=None, index=0):
        """The address of a listener; the first one, or the first of a kind."""
        urls = [each["url"] for each in self.ready["listeners"] if kind in (None, each["kind"])]
        return urls[index]

    def port(self, kind=None, index=0):
        return int(self.url(kind, index).rpartition(":")[2].rstrip("/"))

    def send(self, number):
        """Send it a signal."""
        self.process.send_signal(number)

    def wait(self, within=STOPPED_WITHIN):
        """Until it ends by itself; its exit status."""
        try:
            return self.process.wait(within)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"panne did not end within {within} s\n{self.stderr}") from None

    def stop(self, number=signal.SIGTERM, within=STOPPED_WITHIN):
        """Ask it to stop; its exit status."""
        if self.process.poll() is None:
            self.send(number)
        return self.wait(within)

    def log(self):
        """The events so far. Each line must be a JSON object; one still being written is left out."""
        if not self.log_file.exists():
            return []
        whole = self.log_file.read_bytes().rpartition(b"\n")[0]
        return [json.loads(line) for line in whole.split(b"\n") if line]

    def wait_log(self, condition, within=5.0):
        """The first event for which `condition(event)` holds."""
        return wait_until(lambda: next(filter(condition, self.log()), None), within, "the event")

    def descriptors(self):
        """What its open descriptors point to."""
        found = []
        for link in pathlib.Path(f"/proc/{self.pid}/fd").iterdir():
            try:
                found.append(os.readlink(link))
            except OSError:
                continue
        return sorted(found)

    def sockets(self):
        return sum(name.startswith("socket:") for name in self.descriptors())

    def wait_sockets(self, count, within=5.0):
        """Until no more than `count` sockets are open: nothing leaked."""
        wait_until(lambda: self.sockets() <= count, within, f"at most {count} sockets are open")

    def cpu(self):
        """Seconds of processor time so far, of all its threads."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @contextlib.contextmanager
    def idle(self):
        """with proxy.idle(): what is waited for here is waited for without turning in circles."""
        spent, began = self.cpu(), time.monotonic()
        yield
        took = time.monotonic() - began
        assert took > 0.3, "a spin would not show in so short a time"
        assert self.cpu() - spent < 0.2 * took, "it spins"

    def finish(self):
        """The end of a test: stopped by now or at once, nothing left behind, no crash."""
        if not self.process:
            return
        try:
            status = self.stop()
        finally:
            left = processes_of_session(self.pid)
            for pid in left:
                os.kill(pid, signal.SIGKILL)
            self.process.wait()
        said = self.stderr + self.stdout
        assert not any(word in said for word in SANITIZER), said
        assert status >= 0, f"panne died of signal {-status}\n{said}"
        assert not left, f"panne left processes behind: {left}"


def once(*arguments, env, cwd, stdin=None, within=60.0):
    """A command that ends by itself: its status, stdout and stderr."""
    done = subprocess.run([BINARY, *map(str, arguments)], cwd=cwd, env=env, input=stdin,
                          capture_output=True, text=True, timeout=within, check=False)
    said = done.stderr + done.stdout
    assert not any(word in said for word in SANITIZER), said
    assert done.returncode >= 0, f"panne died of signal {-done.returncode}\n{said}"
    return done
