"""The ways through the proxy: plain, TLS on both sides, and TLS intercepted inside CONNECT."""
import ssl
import subprocess

import origins
import wire

CALM = "calm"


def trusting(certificate, version=None):
    """An SSL context of a client that trusts this authority alone."""
    context = ssl.create_default_context(cafile=str(certificate))
    if version:
        context.minimum_version = context.maximum_version = version
    return context


class Way:
    """A run of panne before one origin. `client()` opens a connection on which HTTP is spoken."""

    ALL = ("plain", "tls", "connect")

    def __init__(self, kind, start, ca, authority, port, scenario=CALM, options=(), env=None):
        self.kind, self.ca = kind, ca
        self.origin_port = port
        arguments = ["run", scenario]
        if kind == "plain":
            arguments += ["--listen", "http://127.0.0.1:0", "--upstream", f"http://127.0.0.1:{port}"]
        elif kind == "tls":
            arguments += ["--listen", "https://127.0.0.1:0",
                          "--upstream", f"https://localhost:{port}"]
        else:
            arguments += ["--forward", "127.0.0.1:0"]
        if kind != "plain":
            arguments += ["--upstream-ca", authority.certificate]
        self.panne = start(*arguments, *options, env=env)

    @property
    def host(self):
        """What a client asks for, and the origin is told."""
        return f"{'127.0.0.1' if self.kind == 'plain' else 'localhost'}:{self.origin_port}"

    @property
    def base(self):
        """The URL that a client is given."""
        return f"https://{self.host}" if self.kind == "connect" else self.panne.url()

    @property
    def context(self):
        return trusting(self.ca)

    def client(self, within=10.0):
        if self.kind == "plain":
            return wire.Client(self.panne.url(), within=within)
        if self.kind == "tls":
            return wire.Client(self.panne.url(), tls=self.context, within=within)
        return wire.connect(self.panne.url(), self.host, tls=self.context, within=within)

    @property
    def requests(self):
        """Arguments for Python requests."""
        if self.kind == "plain":
            return {}
        proxies = {"proxies": {"https": self.panne.url()}} if self.kind == "connect" else {}
        return {"verify": str(self.ca), **proxies}

    def curl(self, *arguments, path="/", **options):
        """Run curl; its arguments for proxy and trust are added."""
        command = ["curl", "-sS"]
        if self.kind != "plain":
            command += ["--cacert", str(self.ca)]
        if self.kind == "connect":
            command += ["--proxy", self.panne.url(), "--noproxy", ""]
        return run(*command, *arguments, self.base + path, **options)


def run(*command, env=None, cwd=None, within=60, stdin=None, text=True):
    """A client program that ends by itself."""
    return subprocess.run([str(each) for each in command], env=env, cwd=cwd, input=stdin,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=text,
                          timeout=within, check=False)


def events(panne, name):
    """The log's events of this name so far."""
    return [event for event in panne.log() if event["event"] == name]


def wait_events(panne, name, count, within=5.0):
    """The log's events of this name, once there are so many: it is written a little later."""
    origins.wait_until(lambda: len(events(panne, name)) >= count, within,
                       f"{count} times {name} in the log")
    return events(panne, name)


def wait_requests(panne, count, within=5.0):
    return wait_events(panne, "request", count, within)


def fault_of(through, count=1):
    """What the log says of the last of so many faults; of a way or of a run of panne."""
    return wait_events(getattr(through, "panne", through), "fault", count)[count - 1]
