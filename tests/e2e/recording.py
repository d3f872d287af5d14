"""An origin that notes who asked for what and when, and answers as a rule says."""
import dataclasses
import json
import select
import socket
import ssl
import struct
import threading
import time


@dataclasses.dataclass
class Answer:
    status: int = 200
    headers: tuple = ()
    body: bytes = b"ok"
    delay: float = 0.0
    sent: int | None = None    # so much of the body, then the end
    hangs: bool = False        # nothing until the client goes
    resets: bool = False       # RST instead of an answer


@dataclasses.dataclass
class Request:
    at: float                  # when its last byte had come, by time.time()
    connection: int
    method: str
    target: str
    headers: dict              # names in small letters
    body: bytes
    status: int | None = None
    ended: float | None = None  # when it was answered, or the client gone
    left: bool = False         # the client was gone first

    @property
    def path(self):
        return self.target.partition("?")[0]

    @property
    def client(self):
        return self.headers.get("x-client")

    @property
    def operation(self):
        return self.headers.get("x-request-id")

    @property
    def item(self):
        """What the reference clients' request is about."""
        if self.headers.get("content-type") == "application/json":
            return json.loads(self.body)["item"]
        last = self.path.rpartition("/")[2]
        return int(last) if last.isdigit() else None


class Recorder:
    """`rule(request, seconds)` gives the Answer; the seconds are since the first request."""

    def __init__(self, rule, tls=None):
        self.rule, self.tls = rule, tls
        self.requests, self.handshakes, self.connections = [], [], 0
        self.begun = None
        self.lock = threading.Lock()

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.listener.getsockname()[1]
        scheme = "https" if self.tls else "http"
        self.url = f"{scheme}://{'localhost' if self.tls else '127.0.0.1'}:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        # Wakes accept(), which close() alone does not.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection, self.connections), daemon=True).start()

    def _serve(self, connection, number):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
                self.handshakes.append(connection.session_reused)
            received = b""
            while (request := self._read(connection, number, received)):
                received = request.rest
                if not self._answer(connection, request):
                    break
        except (OSError, ssl.SSLError):
            pass
        finally:
            connection.close()

    def _read(self, connection, number, received):
        while b"\r\n\r\n" not in received:
            if not (more := connection.recv(65536)):
                return None
            received += more
        head, _, rest = received.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", 0))
        if headers.get("expect") == "100-continue":
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        while len(rest) < length:
            if not (more := connection.recv(65536)):
                return None
            rest += more
        method, target, _ = first.split(" ", 2)
        request = Request(time.time(), number, method, target, headers, rest[:length])
        request.rest = rest[length:]
        with self.lock:
            self.begun = self.begun or request.at
            self.requests.append(request)
        return request

    def _answer(self, connection, request):
        """Whether the connection goes on."""
        answer = self.rule(request, request.at - self.begun)
        if answer.hangs or answer.delay:
            gone, _, _ = select.select([connection], [], [], 60 if answer.hangs else answer.delay)
            if gone:
                request.left, request.ended = True, time.time()
                return False
        if answer.resets:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            request.ended = time.time()
            return False
        request.status = answer.status
        head = f"HTTP/1.1 {answer.status} As-Told\r\nContent-Length: {len(answer.body)}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in answer.headers)
        body = b"" if request.method == "HEAD" else answer.body[:answer.sent]
        connection.sendall(head.encode() + b"\r\n" + body)
        request.ended = time.time()
        return answer.sent is None and request.headers.get("connection", "").lower() != "close"
