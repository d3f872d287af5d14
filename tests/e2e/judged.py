"""A client behind panne, and the verdict on it."""
import dataclasses
import json
import pathlib
import shutil
import signal
import subprocess

import origins
import panne as helper
from panne import wait_until

SCENARIOS = pathlib.Path(__file__).resolve().parent / "verdict"
REFERENCE = helper.ROOT / "tests" / "clients" / "reference"
NGINX = """
daemon off;
master_process off;
pid {directory}/nginx.pid;
error_log {directory}/error.log crit;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    keepalive_requests 100000000;
    keepalive_timeout 1h;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location / {{ default_type text/plain; add_header ETag '"$request_uri"'; return 200 "{body}"; }}
    }}
}}
"""


class Services:
    """An origin that says 200 to everything, at once, with an ETag. One for each run: a client that
    churns through connections uses up the ports to its origin."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)

    def __enter__(self):
        program = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
        for _ in range(5):  # another may take the port between our probe and nginx
            port = origins.free_port()
            (self.directory / "nginx.conf").write_text(NGINX.format(
                directory=self.directory, port=port, body="as good as it gets " * 20))
            self.process = subprocess.Popen(
                [program, "-p", str(self.directory), "-c", str(self.directory / "nginx.conf"),
                 "-e", str(self.directory / "error.log")],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                start_new_session=True)
            if wait_until(lambda: origins.accepts(port) or self.process.poll() is not None, 10, "nginx") \
                    and self.process.poll() is None:
                self.url = f"http://127.0.0.1:{port}"
                return self
        raise AssertionError((self.directory / "error.log").read_text())

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)


@dataclasses.dataclass
class Judged:
    """A run, and what panne said of it."""

    status: int
    told: dict                 # the reference client's own account
    report: dict
    proxy: helper.Panne
    written: tuple             # the report as JSON, and as text

    def finding(self, check):
        """The check's; that of the expectation, if there is one."""
        found = [finding for finding in self.report["findings"] if finding["check"] == check]
        return next((finding for finding in found if finding["expectation"]), found[0])

    def having(self, *outcomes):
        """The checks with these outcomes, at least where an expectation narrows them."""
        return {finding["check"] for finding in self.report["findings"] if finding["outcome"] in outcomes}

    def lines(self, checks):
        return "\n".join(
            f"{finding['check']} {finding['outcome']}: {finding['value']} ({finding['low']} to "
            f"{finding['high']}), limit {finding['limit']}; {finding['evidence'] or ''} "
            f"{finding['because'] or ''}"
            for finding in self.report["findings"] if finding["check"] in checks)


def run(scenario, command, directory, env, upstream="embedded", listen="http", options=(), within=240):
    """Run the command to its end within panne; `scenario` is a name of verdict/, or a path."""
    path = SCENARIOS / f"{scenario}.yaml" if isinstance(scenario, str) else scenario
    report, text = (pathlib.Path(directory) / name for name in ("report.json", "report.txt"))
    proxy = helper.Panne(
        ["run", path, "--listen", f"{listen}://127.0.0.1:0", "--upstream", upstream, "--client-by",
         "header:X-Client", "--quiet", "--report", f"json:{report}", "--report", f"text:{text}", *options,
         "--", *command],
        directory, env)
    proxy.start(wait=False)
    status = proxy.wait(within)
    proxy.finish()
    said = proxy.stdout.strip().splitlines()
    assert report.exists(), proxy.stderr
    return Judged(status, json.loads(said[-1]) if said else {}, json.loads(report.read_text()), proxy,
                  (report.read_bytes(), text.read_bytes()))


def again(judged):
    """What `panne report` makes of the run's log: as JSON, and as text."""
    told = [judged.proxy.directory / name for name in ("again.json", "again.txt")]
    done = helper.once("report", judged.proxy.log_file, "--report", f"json:{told[0]}", "--report",
                       f"text:{told[1]}", env=judged.proxy.env, cwd=judged.proxy.directory, within=120)
    assert done.returncode == judged.status, done.stderr
    return tuple(path.read_bytes() for path in told)
