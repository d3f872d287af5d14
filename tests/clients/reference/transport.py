"""One attempt on the wire: connections that are kept and resumed, and bounds that hold to the last byte."""
import functools
import http.client
import io
import select
import socket
import ssl
import threading
import time
import urllib.parse


class Failure(Exception):
    """No answer. `kind`: timeout, refused, reset, certificate, tls, cut, protocol."""

    def __init__(self, kind):
        super().__init__(kind)
        self.kind = kind


class Answer:
    """`whole`: as long as announced; `lasting`: the connection may be used again."""

    def __init__(self, response, body, whole):
        self.status, self.headers, self.body, self.whole = response.status, response.headers, body, whole
        self.lasting = whole and not response.will_close


class _Bounded(io.RawIOBase):
    """A socket as http.client wants it, whose reads and writes all end before one instant."""

    def __init__(self, raw):
        self.raw, self.ends = raw, float("inf")

    def _limit(self):
        left = self.ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.raw.settimeout(None if left == float("inf") else left)

    def sendall(self, data):
        self._limit()
        self.raw.sendall(data)

    def readinto(self, buffer):
        self._limit()
        return self.raw.recv_into(buffer)

    def readable(self):
        return True

    def makefile(self, mode):
        return io.BufferedReader(self, 16384)

    def close(self):
        """Of an answer's file: the connection stays. See Connection.close."""

    def stale(self):
        """Whether the server has ended it, or said something unasked."""
        return bool(select.select([self.raw], [], [], 0)[0])


class Connection:
    def __init__(self, raw):
        self.socket = _Bounded(raw)
        self.http = http.client.HTTPConnection("unused")
        self.http.sock = self.socket
        self.http.auto_open = 0

    def exchange(self, method, path, headers, body, ends):
        self.socket.ends = ends
        self.http.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            self.http.putheader(name, value)
        self.http.endheaders(body)
        response = self.http.getresponse()
        try:
            return Answer(response, response.read(), True)
        except http.client.IncompleteRead as cut:
            return Answer(response, cut.partial, False)

    def close(self):
        self.socket.raw.close()


def _kind(problem):
    if isinstance(problem, ssl.SSLCertVerificationError):
        return "certificate"
    if isinstance(problem, TimeoutError):
        return "timeout"
    if isinstance(problem, ssl.SSLError):
        return "tls"
    if isinstance(problem, ConnectionRefusedError):
        return "refused"
    if isinstance(problem, (ConnectionError, http.client.RemoteDisconnected)):
        return "reset"
    return "protocol"


class Tls:
    """Whom a client trusts, and its last session with each server, whatever service it was for."""

    def __init__(self, policy, ca):
        self.policy, self.ca, self.sessions = policy, ca, {}

    @functools.cached_property
    def context(self):
        """Made when it is needed: to read the certificates takes its time."""
        context = ssl.create_default_context(cafile=self.ca)
        if not self.policy.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def wrap(self, raw, host, port):
        session = self.sessions.get((host, port)) if self.policy.resume else None
        try:
            return self.context.wrap_socket(raw, server_hostname=host, session=session)
        except BaseException:
            raw.close()
            raise


class Transport:
    """The connections of one client to one service."""

    def __init__(self, url, policy, tls, truth):
        parts = urllib.parse.urlsplit(url)
        self.host, self.policy, self.truth = parts.hostname, policy, truth
        self.port = parts.port or (443 if parts.scheme == "https" else 80)
        self.authority, self.prefix = parts.netloc, parts.path.rstrip("/")
        self.idle, self.lock = [], threading.Lock()
        self.tls = tls if parts.scheme == "https" else None

    def _connect(self, ends):
        left = ends - time.monotonic()
        raw = socket.create_connection((self.host, self.port),
                                       None if left == float("inf") else max(left, 0.001))
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.truth.count("connections")
        if self.tls:
            raw = self.tls.wrap(raw, self.host, self.port)
            self.truth.count("resumed" if raw.session_reused else "full_handshakes")
        return Connection(raw)

    def _take(self, ends):
        with self.lock:
            while self.idle:
                kept = self.idle.pop()
                if not kept.socket.stale():
                    return kept
                kept.close()
        return self._connect(ends)

    def _give_back(self, connection, answer):
        if self.tls and answer.whole:
            self.tls.sessions[self.host, self.port] = connection.socket.raw.session
        dropped = self.policy.drop_failed and answer.status >= 500
        if not answer.lasting or not self.policy.keep_alive or dropped:
            connection.close()
            return
        with self.lock:
            self.idle.append(connection)

    def attempt(self, method, path, headers, body, ends):
        """One attempt that ends before the monotonic time `ends`, by an Answer or by a Failure."""
        connection = None
        fields = {"Host": self.authority, **headers}
        if body is not None:
            fields["Content-Length"] = str(len(body))
        if not self.policy.keep_alive:
            fields["Connection"] = "close"
        try:
            connection = self._take(ends)
            answer = connection.exchange(method, self.prefix + path, fields, body, ends)
        except (OSError, http.client.HTTPException) as problem:
            if connection:
                connection.close()
            raise Failure(_kind(problem)) from problem
        self._give_back(connection, answer)
        if not answer.whole and self.policy.check_length:
            raise Failure("cut")
        return answer
