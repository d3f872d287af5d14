"""place: where a measurement happens: a directory, processors, ports, files, and what was started.

Everything started through a Place is stopped, and its directory is gone, when the Place is left.
"""
import contextlib
import http.client
import os
import pathlib
import random
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
STARTED_WITHIN = 40.0
STOPPED_WITHIN = 15.0


class Failure(SystemExit):
    """The measurement cannot go on; says why."""

    def __init__(self, why):
        print(f"bench: {why}", file=sys.stderr)
        super().__init__(1)


class Place:
    def __init__(self):
        self.quick = bool(os.environ.get("BENCH_QUICK"))
        self.rounds = int(os.environ.get("BENCH_ROUNDS", "5"))
        self.panne = os.environ.get("PANNE") or str(ROOT / "panne")
        processors = sorted(os.sched_getaffinity(0))
        self.first, self.last = processors[0], processors[-1]
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="bench-"))
        self.started = []

    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        try:
            self._make_files()
        except BaseException:
            shutil.rmtree(self.directory, ignore_errors=True)
            raise
        return self

    def __exit__(self, *_):
        for process in reversed(self.started):
            self.stop(process)
        shutil.rmtree(self.directory, ignore_errors=True)

    def path(self, name):
        return str(self.directory / name)

    def port(self):
        """A port that is free, and below those that the kernel gives to outgoing connections, so
        that none of these takes it before its listener does."""
        for _ in range(100):
            port = random.randrange(12000, 32000)
            with socket.socket() as one, contextlib.suppress(OSError):
                one.bind(("127.0.0.1", port))
                return port
        raise Failure("no free port found")

    def write(self, name, text):
        (self.directory / name).write_text(text, encoding="utf-8")
        return self.path(name)

    def fill(self, template, name, **values):
        """A template of this folder with @WORDS@ replaced, written under a name."""
        text = (HERE / template).read_text(encoding="utf-8")
        for word, value in dict(values, DIR=self.directory).items():
            text = text.replace(f"@{word}@", str(value))
        return self.write(name, text)

    def start(self, command, processor, port=None):
        """A process on one processor; with a port, it is up once that accepts."""
        name = f"{len(self.started)}-{pathlib.Path(command[0]).name}.out"
        with open(self.path(name), "wb") as out:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=ROOT,
                env=dict(os.environ, XDG_DATA_HOME=self.path("data"), NO_PROXY="*"),
                preexec_fn=lambda: os.sched_setaffinity(0, {processor}))
        process.said = self.path(name)
        self.started.append(process)
        if port:
            self._await_port(process, port)
        return process

    def _await_port(self, process, port):
        end = time.monotonic() + STARTED_WITHIN
        while time.monotonic() < end and process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        said = pathlib.Path(process.said).read_text(errors="replace")[-2000:]
        raise Failure(f"{' '.join(process.args)} does not accept on port {port}:\n{said}")

    def stop(self, process):
        """End a process that this place started, and forget it."""
        if process in self.started:
            self.started.remove(process)
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(STOPPED_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def check(self, url, size):
        """That a URL gives 200 and a body of this size, so that no error page is measured."""
        scheme, rest = url.split("://")
        host, path = rest.split("/", 1)
        if scheme == "https":
            context = ssl.create_default_context(cafile=self.path("ca.pem"))
            client = http.client.HTTPSConnection(host, timeout=10, context=context)
        else:
            client = http.client.HTTPConnection(host, timeout=10)
        client.request("GET", "/" + path)
        answer = client.getresponse()
        body = answer.read()
        client.close()
        if answer.status != 200 or len(body) != size:
            raise Failure(f"{url}: {answer.status} with {len(body)} bytes, not 200 with {size}")

    def _make_files(self):
        """What the origin serves, and certificates for 127.0.0.1."""
        www = self.directory / "www"
        www.mkdir()
        (www / "1k").write_bytes(b"x" * 1024)
        (www / "10m").write_bytes(b"x" * (10 << 20))
        ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"]
        extensions = self.write("leaf.cnf", "subjectAltName = IP:127.0.0.1, DNS:localhost\n")
        self._openssl("req", "-x509", *ec, "-days", "2", "-subj", "/CN=bench authority",
                      "-keyout", self.path("ca.key"), "-out", self.path("ca.pem"))
        self._openssl("req", *ec, "-subj", "/CN=localhost", "-keyout", self.path("leaf.key"),
                      "-out", self.path("leaf.csr"))
        self._openssl("x509", "-req", "-in", self.path("leaf.csr"), "-CA", self.path("ca.pem"),
                      "-CAkey", self.path("ca.key"), "-CAcreateserial", "-days", "2",
                      "-extfile", extensions, "-out", self.path("leaf.pem"))
        both = [(self.directory / name).read_text() for name in ("leaf.pem", "leaf.key")]
        self.write("both.pem", "".join(both))
        os.chmod(self.path("both.pem"), 0o600)

    def _openssl(self, *arguments):
        done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failure(f"openssl {arguments[0]}: {done.stderr}")
