"""A proxy behind panne that is spoken to over TLS."""
import asyncio
import base64
import threading

HOP = ("connection", "proxy-connection", "proxy-authorization", "keep-alive")


class TlsProxy:
    """Forwards absolute-form requests and tunnels CONNECT, over TLS towards its clients.

    Every host is on 127.0.0.1: it knows names that nobody else can resolve. `heads` are the requests
    that came, `resumed` tells for each connection whether its session had been there before.
    """

    def __init__(self, context, user=None):
        self.context = context
        self.wanted = user and "Basic " + base64.b64encode(user.encode()).decode()
        self.heads, self.resumed = [], []
        self.ready = threading.Event()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self.thread.start()
        assert self.ready.wait(10)
        return self

    def __exit__(self, *exception):
        self.loop.call_soon_threadsafe(self.stopping.set)
        self.thread.join(10)

    @property
    def url(self):
        return f"https://localhost:{self.port}"

    def url_for(self, user):
        return f"https://{user}@localhost:{self.port}"

    @property
    def targets(self):
        return [" ".join(head.split(" ", 2)[:2]) for head in self.heads]

    def _run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.set_exception_handler(lambda *ignored: None)
        self.loop.run_until_complete(self._serve())

    async def _serve(self):
        self.stopping = asyncio.Event()
        server = await asyncio.start_server(self._client, "127.0.0.1", 0, ssl=self.context)
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        await self.stopping.wait()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    async def _client(self, reader, writer):
        self.resumed.append(writer.get_extra_info("ssl_object").session_reused)
        try:
            await self._request(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _request(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        self.heads.append(head)
        lines = head.split("\r\n")
        method, target, _ = lines[0].split(" ")
        fields = {key.lower(): value for key, value in
                  (line.split(": ", 1) for line in lines[1:] if line)}
        if self.wanted and fields.get("proxy-authorization") != self.wanted:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        authority = target if method == "CONNECT" else target.split("/")[2]
        port = int(authority.rpartition(":")[2])
        outward = await asyncio.open_connection("127.0.0.1", port)
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            path = "/" + target.split("/", 3)[3]
            kept = [line for line in lines[1:-2] if line.split(":")[0].lower() not in HOP]
            outward[1].write("\r\n".join([f"{method} {path} HTTP/1.1", *kept, "Connection: close",
                                          "", ""]).encode("latin-1"))
        await asyncio.gather(self._pass(reader, outward[1]), self._pass(outward[0], writer))

    async def _pass(self, reader, writer):
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        finally:
            writer.close()
