"""A headless Chromium, driven over a pipe: what a page looks like, and what it complains of.

    with chromium.Browser() as browser:
        page = browser.page(width=390, dark=True)
        page.open(url)
        page.value("document.title")
        page.picture(path)
        page.complaints
"""
import base64
import functools
import http.server
import json
import os
import shutil
import subprocess
import tempfile
import threading

FOUND = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Browser:
    """A process of its own with a profile that goes when it does."""

    def __init__(self):
        self.home = tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True)
        theirs_in, self.to = os.pipe()
        self.back, theirs_out = os.pipe()

        def place():  # the pipe is wanted as 3 and 4
            first, second = os.dup(theirs_in), os.dup(theirs_out)
            os.dup2(first, 3)
            os.dup2(second, 4)

        self.process = subprocess.Popen(
            [FOUND, "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
             "--hide-scrollbars", "--no-first-run", f"--user-data-dir={self.home.name}", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=place, close_fds=False)
        os.close(theirs_in)
        os.close(theirs_out)
        self.rest, self.number, self.events = b"", 0, []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.to)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.back)
        self.home.cleanup()

    def message(self):
        while b"\0" not in self.rest:
            more = os.read(self.back, 1 << 20)
            assert more, "Chromium has gone"
            self.rest += more
        line, _, self.rest = self.rest.partition(b"\0")
        return json.loads(line)

    def ask(self, method, session=None, **params):
        self.number += 1
        asked = {"id": self.number, "method": method, "params": params}
        if session:
            asked["sessionId"] = session
        os.write(self.to, json.dumps(asked).encode() + b"\0")
        while True:
            message = self.message()
            if message.get("id") == self.number:
                assert "error" not in message, message
                return message["result"]
            self.events.append(message)

    def wait_for(self, method, session):
        while True:
            for message in self.events:
                if message.get("method") == method and message.get("sessionId") == session:
                    self.events.remove(message)
                    return message["params"]
            self.events.append(self.message())

    def page(self, width=1280, height=900, dark=False):
        return Page(self, width, height, dark)


class Page:
    def __init__(self, browser, width, height, dark):
        self.browser, self.width = browser, width
        target = browser.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Log", "Runtime", "Network"):
            self.ask(f"{domain}.enable")
        self.size(width, height)
        self.ask("Emulation.setEmulatedMedia",
                 features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def ask(self, method, **params):
        return self.browser.ask(method, self.session, **params)

    def size(self, width, height):
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height,
                 deviceScaleFactor=1, mobile=width < 600)

    def open(self, url):
        self.ask("Page.navigate", url=url)
        self.browser.wait_for("Page.loadEventFired", self.session)

    def value(self, expression):
        return self.ask("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def picture(self, path, top=0, most=6000):
        height = min(self.value("document.documentElement.scrollHeight") - top, most)
        shot = self.ask("Page.captureScreenshot", captureBeyondViewport=True,
                        clip={"x": 0, "y": top, "width": self.width, "height": height, "scale": 1})
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))

    def _events(self, method):
        return [message["params"] for message in self.browser.events
                if message.get("method") == method and message.get("sessionId") == self.session]

    @property
    def complaints(self):
        """What stands on the console: errors, and what the policy blocked."""
        self.value("0")  # what is on its way has come by then
        return ([entry["entry"]["text"] for entry in self._events("Log.entryAdded")]
                + [str(thrown) for thrown in self._events("Runtime.exceptionThrown")])

    @property
    def requests(self):
        return [sent["request"]["url"] for sent in self._events("Network.requestWillBeSent")]


class Site:
    """Serves a folder with a policy of its own."""

    def __init__(self, folder, policy=None):
        class Handler(http.server.SimpleHTTPRequestHandler):
            def end_headers(self):
                if policy:
                    self.send_header("Content-Security-Policy", policy)
                super().end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
