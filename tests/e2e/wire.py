"""A client that says exactly what it is told to say, and shows exactly what came."""
import socket
import ssl
import struct
import urllib.parse

TCP_CLOSED = 7  # tcpi_state after a RST; after a FIN it is 8


class Answer:
    """One response: status line, fields in order and as written, body, trailers."""

    def __init__(self, head):
        lines = head.decode("latin-1").split("\r\n")
        self.line = lines[0]
        self.version, status, self.reason = (lines[0] + "  ").split(" ", 2)
        self.status = int(status)
        self.reason = self.reason.strip()
        self.fields = [tuple(line.split(": ", 1)) if ": " in line else (line.rstrip(":"), "")
                       for line in lines[1:] if line]
        self.body = b""
        self.trailers = []
        self.whole = False  # the body has its proper end
        self.interim = []

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def get(self, name):
        return next(iter(self.all(name)), None)


class Client:
    """A connection. With `tls`, an ssl.SSLContext, it is spoken at once for `server_name`."""

    def __init__(self, url, tls=None, server_name=None, within=10.0):
        parts = urllib.parse.urlsplit(url)
        if parts.scheme == "unix":
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(within)
            self.socket.connect(parts.path)
        else:
            self.socket = socket.create_connection((parts.hostname, parts.port), within)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.ended = None  # "end" or "reset", once nothing more comes
        if tls:
            self.start_tls(tls, server_name or parts.hostname)

    def start_tls(self, context, server_name):
        self.socket = context.wrap_socket(self.socket, server_hostname=server_name,
                                          suppress_ragged_eofs=False)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def close(self):
        self.socket.close()

    def abort(self):
        """Leave with a RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def finish(self):
        """Send FIN, go on reading."""
        self.socket.shutdown(socket.SHUT_WR)

    def send(self, data):
        self.socket.sendall(data)

    def ask(self, method="GET", path="/", host="test", headers=(), body=None):
        """Send a request; with a body, its length is added."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *headers]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        self.send("\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b""))

    def fetch(self, *arguments, **named):
        self.ask(*arguments, **named)
        method = arguments[0] if arguments else named.get("method", "GET")
        return self.answer(method)

    def more(self):
        """Receive something; False when nothing more comes."""
        if self.ended:
            return False
        try:
            data = self.socket.recv(65536)
        except (ConnectionResetError, BrokenPipeError):
            self.ended = "reset"
            return False
        except ssl.SSLEOFError:
            # TLS without its farewell; Python does not always say by what.
            state = self.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
            self.ended = "reset" if state == TCP_CLOSED else "cut"
            return False
        if not data:
            self.ended = "end"
        self.buffer += data
        return bool(data)

    def take(self, count):
        """Exactly so many bytes, or as many as came before the end."""
        while len(self.buffer) < count and self.more():
            pass
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def line(self):
        """A line without its end, or None."""
        while b"\r\n" not in self.buffer:
            if not self.more():
                return None
        data, self.buffer = self.buffer.split(b"\r\n", 1)
        return data

    def head(self):
        """The next head, interim or not; None if there is none whole."""
        while b"\r\n\r\n" not in self.buffer:
            if not self.more():
                return None
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        return Answer(head)

    def answer(self, method="GET"):
        """The next final response, with the interim ones before it; None if there is none."""
        interim = []
        while True:
            answer = self.head()
            if answer is None:
                return None
            if answer.status >= 200 or answer.status == 101:
                break
            interim.append(answer)
        answer.interim = interim
        self._body(answer, method)
        return answer

    def _body(self, answer, method):
        if method == "HEAD" or answer.status in (101, 204, 304):
            answer.whole = True
        elif (answer.get("Transfer-Encoding") or "").lower() == "chunked":
            self._chunks(answer)
        elif answer.get("Content-Length") is not None:
            length = int(answer.get("Content-Length"))
            answer.body = self.take(length)
            answer.whole = len(answer.body) == length
        else:
            answer.body = self.rest()
            answer.whole = self.ended == "end"

    def _chunks(self, answer):
        while True:
            size = self.line()
            if size is None:
                answer.body += self.rest()
                return
            count = int(size.split(b";")[0], 16)
            if count == 0:
                break
            data = self.take(count + 2)
            answer.body += data[:count]
            if len(data) < count + 2:
                return
        while (line := self.line()) is not None:
            if line == b"":
                answer.whole = True
                return
            answer.trailers.append(tuple(line.decode("latin-1").split(": ", 1)))

    def rest(self):
        """All that comes until the end."""
        while self.more():
            pass
        data, self.buffer = self.buffer, b""
        return data


def connect(proxy_url, target, tls=None, server_name=None, within=10.0):
    """A client behind CONNECT; with `tls` it speaks TLS inside."""
    client = Client(proxy_url, within=within)
    client.send(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
    answer = client.answer("HEAD")
    assert answer is not None and answer.status == 200, answer and answer.line
    if tls:
        assert client.buffer == b"", client.buffer
        client.start_tls(tls, server_name or target.rpartition(":")[0].strip("[]"))
    return client
