"""peers: how panne, nginx and haproxy are started for each kind of work."""
import os

from place import Failure

ECHO = "/usr/lib/nginx/modules/ngx_http_echo_module.so"
NAMES = ("panne", "nginx", "haproxy")
CALM = "calm"


class Work:
    """What is asked of a proxy: TLS on both sides or not, what it logs, which scenario it plays."""

    def __init__(self, tls=False, log=False, scenario=CALM, splice=False, delay=False):
        self.tls = tls
        self.log = log
        self.scenario = scenario
        self.splice = splice
        self.delay = delay

    @property
    def scheme(self):
        return "https" if self.tls else "http"


class Peer:
    """One proxy in front of an origin."""

    def __init__(self, place, name, work, origin_port):
        self.name = name
        self.place = place
        self.work = work
        self.port = place.port()
        self.origin_port = origin_port
        self.process = None
        self.base = f"{work.scheme}://127.0.0.1:{self.port}"
        self.command = getattr(self, "_" + name)()

    def start(self, processor, before=()):
        """Start it, if need be below a tool that execs it."""
        self.process = self.place.start([*before, *self.command], processor, self.port)
        return self

    def stop(self):
        if self.process:  # else it never came up
            self.place.stop(self.process)

    def _file(self, kind):
        return f"{self.name}-{self.port}{kind}"

    def _panne(self):
        place, work = self.place, self.work
        upstream = f"{work.scheme}://127.0.0.1:{self.origin_port}"
        command = [place.panne, "run", work.scenario, "--quiet", "--no-parent",
                   "--listen", self.base, "--upstream", upstream]
        if work.tls:
            command += ["--cert", place.path("leaf.pem"), "--key", place.path("leaf.key"),
                        "--upstream-ca", place.path("ca.pem")]
        if work.log:
            command += ["--log", place.path(self._file(".ndjson"))]
        return command

    def _nginx(self):
        place, work = self.place, self.work
        server = [f"proxy_pass {work.scheme}://origin;", "proxy_http_version 1.1;",
                  'proxy_set_header Connection "";', "proxy_max_temp_file_size 0;"]
        if work.tls:
            server += [f"proxy_ssl_trusted_certificate {place.path('ca.pem')};",
                       "proxy_ssl_verify on;", "proxy_ssl_name localhost;",
                       "proxy_ssl_protocols TLSv1.2 TLSv1.3;"]
        location = "location / { " + " ".join(server) + " }"
        if work.delay:
            location = ("location / { echo_sleep 0.1; echo_exec @on; }\n"
                        "location @on { " + " ".join(server) + " }")
        conf = place.fill(
            "nginx.conf", self._file(".conf"), NAME=self._file(""), PORT=self.port,
            MODULES=f"load_module {ECHO};" if work.delay else "",
            SSL="ssl" if work.tls else "", SERVER=location,
            ACCESS=place.path(self._file(".access")) if work.log else "off",
            HTTP=f"upstream origin {{ server 127.0.0.1:{self.origin_port}; keepalive 128; "
                 "keepalive_requests 1000000000; }")
        return [_find("nginx"), "-c", conf, "-e", "stderr"]

    def _haproxy(self):
        place, work = self.place, self.work
        conf = place.fill(
            "haproxy.cfg", self._file(".cfg"), PORT=self.port, ORIGIN=self.origin_port,
            SPLICE="option splice-auto\n    option splice-response" if work.splice else "",
            BIND=f"ssl crt {place.path('both.pem')}" if work.tls else "",
            SERVER=f"ssl verify required ca-file {place.path('ca.pem')} sni str(localhost)"
            if work.tls else "")
        return [_find("haproxy"), "-db", "-f", conf]


class Origin:
    """nginx serving files, plain and over TLS."""

    def __init__(self, place, tls, processor):
        self.port = place.port()
        self.base = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        conf = place.fill("nginx.conf", f"origin-{self.port}.conf", NAME=f"origin-{self.port}",
                          PORT=self.port, MODULES="", SSL="ssl" if tls else "", ACCESS="off",
                          HTTP="", SERVER=f"root {place.path('www')};")
        self.process = place.start([_find("nginx"), "-c", conf, "-e", "stderr"], processor, self.port)
        self.place = place

    def stop(self):
        self.place.stop(self.process)


def can_delay():
    return os.path.exists(ECHO)


def _find(name):
    for folder in os.environ.get("PATH", "").split(":") + ["/usr/sbin", "/sbin"]:
        if os.access(f"{folder}/{name}", os.X_OK):
            return f"{folder}/{name}"
    raise Failure(f"{name} is not installed; scripts/install-deps bench")
