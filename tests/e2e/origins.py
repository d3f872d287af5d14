"""Servers behind the proxy: a scripted one that plays bytes, and nginx."""
import pathlib
import shutil
import signal
import re
import socket
import ssl
import struct
import subprocess
import threading
import time
import urllib.parse

from panne import wait_until

# One action of a script: what to do with a connection, given the bytes received so far. It
# returns False to end the connection's script.


def send(data):
    """Send these bytes."""
    def act(connection, received):
        connection.sendall(data)
        return True
    return act


def wait(seconds):
    """Do nothing for so long."""
    def act(connection, received):
        time.sleep(seconds)
        return True
    return act


def wait_for(event):
    """Do nothing until the threading.Event is set."""
    def act(connection, received):
        return event.wait(30)
    return act


def _receive(connection, received):
    data = connection.recv(65536)
    received += data
    return bool(data)


class Received(bytearray):
    """What came on a connection; the script has read it up to `place`."""

    place = 0


def read(count):
    """Read until so many bytes more have come than were read before."""
    def act(connection, received):
        received.place += count
        while len(received) < received.place:
            if not _receive(connection, received):
                return False
        return True
    return act


def read_until(end):
    """Read until these bytes have come, since what was read before."""
    def act(connection, received):
        while (found := received.find(end, received.place)) < 0:
            if not _receive(connection, received):
                return False
        received.place = found + len(end)
        return True
    return act


def read_head():
    """Read until a head has ended, since what was read before."""
    return read_until(b"\r\n\r\n")


def read_request():
    """Read a head, and the body that it tells of."""
    def act(connection, received):
        begun = received.place
        if not read_head()(connection, received):
            return False
        head = bytes(received[begun:received.place]).lower()
        length = re.search(rb"\r\ncontent-length: (\d+)", head)
        if length:
            return read(int(length[1]))(connection, received)
        if b"\r\ntransfer-encoding: chunked" in head:
            return read_until(b"0\r\n\r\n")(connection, received)
        return True
    return act


def read_to_end():
    """Read until the peer sends no more."""
    def act(connection, received):
        while _receive(connection, received):
            pass
        return True
    return act


def half_close():
    """Send FIN and go on reading."""
    def act(connection, received):
        connection.shutdown(socket.SHUT_WR)
        return True
    return act


def close():
    """Close the connection: FIN."""
    def act(connection, received):
        return False
    return act


def reset():
    """Close the connection: RST."""
    def act(connection, received):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False
    return act


def answer(body=b"ok", status="200 OK", headers=()):
    """A whole HTTP/1.1 response with its length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return send("\r\n".join(lines).encode() + body)


class ForEver(list):
    """A script that starts again when it has ended: ForEver([read_head(), answer()])."""


def _actions(script):
    yield from script
    while script and isinstance(script, ForEver):
        yield from script


class RawOrigin:
    """A TCP server that plays a script, a list of actions, on each connection.

        with RawOrigin([read_head(), send(b"HTTP/1.1 200 OK\\r\\n"), wait(1), reset()]) as origin:

    Several scripts are for the first, second… connection; the last one is for all that follow.
    `received` holds a bytearray for each connection, in order. A script that ends closes.
    """

    def __init__(self, *scripts, tls=None):
        self.scripts = scripts or ([],)
        self.received = []
        self.errors = []
        self.tls = tls  # an ssl.SSLContext
        self.open = set()
        self.lock = threading.Lock()
        self.threads = []
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.socket.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self):
        self.acceptor = threading.Thread(target=self._accept, daemon=True)
        self.acceptor.start()
        return self

    def __exit__(self, *exception):
        # A plain close() would not wake the accept() of the other thread.
        self.socket.shutdown(socket.SHUT_RDWR)
        self.acceptor.join(5)
        self.socket.close()
        with self.lock:
            for connection in self.open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
        for thread in self.threads:
            thread.join(5)

    @property
    def connections(self):
        return len(self.received)

    def wait_connections(self, count, within=5.0):
        wait_until(lambda: len(self.received) >= count, within, f"{count} connections")

    def _accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            script = self.scripts[min(len(self.received), len(self.scripts) - 1)]
            received = Received()
            self.received.append(received)
            with self.lock:
                self.open.add(connection)
            thread = threading.Thread(target=self._play, args=(connection, script, received),
                                      daemon=True)
            self.threads.append(thread)
            thread.start()

    def _play(self, plain, script, received):
        connection = plain
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True,
                                                  do_handshake_on_connect=False)
                with self.lock:
                    self.open.add(connection)
                connection.do_handshake()
            for act in _actions(script):
                if not act(connection, received):
                    break
        except (OSError, ssl.SSLError) as error:
            self.errors.append(error)
        finally:
            with self.lock:
                self.open -= {plain, connection}
            connection.close()


def raw(url, data, within=5.0, finish=False):
    """Send the bytes to the URL's host and port, and return all that comes until the end.
    With `finish`, a FIN follows the bytes. What came before a time-out is returned, too."""
    parts = urllib.parse.urlsplit(url)
    got = bytearray()
    with socket.create_connection((parts.hostname, parts.port), within) as connection:
        connection.sendall(data)
        if finish:
            connection.shutdown(socket.SHUT_WR)
        try:
            while chunk := connection.recv(65536):
                got += chunk
        except OSError:
            pass
    return bytes(got)


class Authority:
    """A certificate authority of the tests, and a certificate for localhost that it signed."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.certificate = self.directory / "ca.pem"
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                  "-days", "2", "-subj", "/CN=Test origin authority",
                  "-addext", "basicConstraints=critical,CA:TRUE",
                  "-addext", "keyUsage=critical,keyCertSign,cRLSign",
                  "-keyout", "ca.key", "-out", "ca.pem")
        self.leaf, self.key = self.issue("leaf", "DNS:localhost,DNS:*.test,IP:127.0.0.1")

    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.directory, check=True, capture_output=True)

    def issue(self, name, names):
        """A certificate for the names (`DNS:a,IP:b`): the paths of it and of its key."""
        (self.directory / f"{name}.ext").write_text(
            f"subjectAltName={names}\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n")
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                  "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                  "-CAcreateserial", "-days", "2", "-extfile", f"{name}.ext", "-out", f"{name}.pem")
        return self.directory / f"{name}.pem", self.directory / f"{name}.key"

    def context(self):
        """For a RawOrigin that speaks TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.leaf, self.key)
        return context


def free_port():
    """A loopback port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def accepts(port):
    """Whether somebody listens on this loopback port."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


NGINX = """
daemon off;
master_process off;
pid {directory}/nginx.pid;
error_log {directory}/error.log info;
events {{ worker_connections 4096; }}
http {{
    access_log {directory}/access.log;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    client_max_body_size 0;
    keepalive_requests 1000000;
    types {{ text/html html; application/json json; text/plain txt; }}
    gzip_types application/json text/plain;
    gzip_min_length 1;
    server {{
        listen 127.0.0.1:{http};
        listen 127.0.0.1:{https} ssl;
        ssl_certificate {leaf};
        ssl_certificate_key {key};
        root {directory}/www;
        location / {{ gzip on; }}
        location = /hello {{ default_type text/plain; return 200 "hello\\n"; }}
        location = /json {{ default_type application/json; return 200 '{{"ok": true}}'; }}
        location = /empty {{ return 204; }}
        location /status/404 {{ return 404; }}
        location /status/500 {{ return 500; }}
        location /status/503 {{ return 503; }}
        location /upload {{ proxy_pass http://127.0.0.1:{http}/hello; }}
    }}
}}
"""


class Nginx:
    """nginx on two loopback ports. Files put into `www` are served; /hello, /json, /empty,
    /status/404|500|503 and /upload (takes any body) answer by themselves."""

    def __init__(self, directory, authority):
        self.directory = pathlib.Path(directory)
        self.www = self.directory / "www"
        self.www.mkdir(parents=True)
        self.authority = authority
        self.ca = authority.certificate
        self.process = None

    def start(self):
        program = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
        for _ in range(5):  # another may take a port between our probe and nginx
            self.http_port, self.https_port = free_port(), free_port()
            (self.directory / "nginx.conf").write_text(NGINX.format(
                directory=self.directory, http=self.http_port, https=self.https_port,
                leaf=self.authority.leaf, key=self.authority.key))
            self.process = subprocess.Popen(
                [program, "-p", str(self.directory), "-c", str(self.directory / "nginx.conf"),
                 "-e", str(self.directory / "error.log")],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                start_new_session=True)
            if wait_until(lambda: accepts(self.https_port) or self.process.poll() is not None, 10,
                          "nginx") \
                    and self.process.poll() is None:
                self.url = f"http://127.0.0.1:{self.http_port}"
                self.https_url = f"https://localhost:{self.https_port}"
                return self
        raise AssertionError((self.directory / "error.log").read_text())

    def requests(self):
        """The access log's lines."""
        log = self.directory / "access.log"
        return log.read_text().splitlines() if log.exists() else []

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(10)
