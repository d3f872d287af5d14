"""hold: many requests that wait: an origin that never answers, and clients that ask it."""
import asyncio
import multiprocessing
import os
import socket
import ssl
import time

from place import Failure

ASKED_WITHIN = 60.0
AT_ONCE = 50
REQUEST = b"GET /wait HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n"


class Silence(asyncio.Protocol):
    """An origin's connection: counts the request, and leaves it without an answer."""

    def __init__(self, asked):
        self.asked = asked
        self.head = b""

    def data_received(self, data):
        self.head += data
        if b"\r\n\r\n" in self.head:
            self.head = b""
            self.asked.value += 1


def _serve(listener, asked, context, processor):
    os.sched_setaffinity(0, {processor})

    async def forever():
        server = await asyncio.get_running_loop().create_server(
            lambda: Silence(asked), sock=listener, ssl=context, backlog=4096)
        await server.serve_forever()

    asyncio.run(forever())


class SilentOrigin:
    """The origin in a process of its own; `asked` counts the requests that reached it."""

    def __init__(self, place, tls, processor):
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(4096)
        self.port = listener.getsockname()[1]
        self.asked = multiprocessing.Value("q", 0)
        context = None
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(place.path("leaf.pem"), place.path("leaf.key"))
        self.process = multiprocessing.Process(
            target=_serve, args=(listener, self.asked, context, processor), daemon=True)
        self.process.start()
        listener.close()

    def stop(self):
        self.process.kill()
        self.process.join()


class Crowd:
    """Clients that each have asked once, and wait."""

    def __init__(self, peer, origin):
        self.peer = peer
        self.origin = origin
        self.sockets = []
        self.context = None
        if peer.work.tls:
            self.context = ssl.create_default_context()
            self.context.check_hostname = False
            self.context.verify_mode = ssl.CERT_NONE

    def grow(self, count):
        """Open this many more, a few at a time: what waits is measured, not a burst of arrivals."""
        for start in range(0, count, AT_ONCE):
            self._grow(min(AT_ONCE, count - start))
        time.sleep(0.3)

    def _grow(self, count):
        """Return when the origin has their requests."""
        target = self.origin.asked.value + count
        for _ in range(count):
            one = socket.create_connection(("127.0.0.1", self.peer.port), 30)
            if self.context:
                one = self.context.wrap_socket(one, server_hostname="127.0.0.1")
            one.sendall(REQUEST)
            self.sockets.append(one)
        end = time.monotonic() + ASKED_WITHIN
        while self.origin.asked.value < target:
            if time.monotonic() > end:
                missing = target - self.origin.asked.value
                raise Failure(f"{self.peer.name}: {missing} of {count} requests never arrived")
            time.sleep(0.002)

    def leave(self):
        for one in self.sockets:
            one.close()
        self.sockets.clear()
