"""What the clients are asked to do, and when: it does not depend on how they fare."""
import dataclasses
import hashlib
import heapq
import itertools
import json
import random
import threading
import time

METHODS = {"get": "GET", "post": "POST", "bare": "POST", "upload": "PUT"}


@dataclasses.dataclass(frozen=True)
class Paths:
    """Below a service's prefix; {item} is one of `items` numbers."""

    reads: str = "/items/{item}"
    orders: str = "/orders"
    notes: str = "/notes"
    uploads: str = "/logs/{client}"
    token: str = "/token"
    revoke: str = "/revoke"
    items: int = 100

    def read(self, item):
        return self.reads.replace("{item}", str(item))


@dataclasses.dataclass
class Setup:
    """A run: who the clients are, what they know, and where they send what."""

    name: str
    policy: object
    services: dict
    authority: str | None
    fallback: str | None
    ca: str | None
    paths: Paths
    seed: int
    time_scale: float
    rate: float
    clients: int
    duration: float
    mix: dict
    arrivals: str
    mark: str


class Operation:
    """`extra`: none of the workload, but the client's own idea."""

    def __init__(self, setup, client, number, kind, item, service, extra=False):
        self.setup, self.client, self.kind, self.extra = setup, client, kind, extra
        self.service, self.number = service, number
        self.method = METHODS[kind]
        paths = setup.paths
        self.path = {"get": paths.read(item), "post": paths.orders, "bare": paths.notes,
                     "upload": paths.uploads.replace("{client}", str(client))}[kind]
        name = f"{client}-{number}"
        self.key = hashlib.sha256(f"{setup.seed}/{name}".encode()).hexdigest()[:32]
        self.target = self.path + (f"?operation={name}" if setup.mark == "query" else "")
        self.headers = {"X-Request-Id": name} if setup.mark == "request-id" else {}
        self.body = None
        if kind in ("post", "bare"):
            self.headers["Content-Type"] = "application/json"
            self.body = json.dumps({"operation": name, "item": item}).encode()

    def another(self, kind, number, rng):
        return Operation(self.setup, self.client, f"{self.number}x{number}", kind,
                         rng.randrange(self.setup.paths.items), self.service, extra=True)


def _instants(setup, rng):
    """Seconds from the beginning, for one client. In lockstep they are everybody's."""
    at = 0.0
    for number in itertools.count():
        if setup.policy.lockstep:
            at = number / setup.rate
        elif setup.arrivals == "even":
            at = (number + rng.random()) / setup.rate
        else:
            at += rng.expovariate(setup.rate)
        if at >= setup.duration:
            return
        yield at


def operations(setup, client):
    """(seconds, Operation), in order. Writes go to the first service, reads to all."""
    rng = random.Random(f"{setup.seed}/arrivals/{client}")
    work = random.Random(f"{setup.seed}/choices/{client}")
    names = list(setup.services)
    for number, at in enumerate(_instants(setup, rng), 1):
        kind, = work.choices(list(setup.mix), list(setup.mix.values()))
        service = work.choice(names)
        item = work.randrange(setup.paths.items)
        yield at, Operation(setup, client, number, kind, item, service if kind == "get" else names[0])


class Clock:
    """Calls jobs at their times, in the caller's thread."""

    def __init__(self):
        self.changed = threading.Condition()
        self.jobs, self.order = [], itertools.count()

    def later(self, seconds, job):
        with self.changed:
            heapq.heappush(self.jobs, (time.monotonic() + seconds, next(self.order), job))
            self.changed.notify()

    def run(self, until, settled):
        """Until the time has come and settled() is true."""
        while True:
            with self.changed:
                now = time.monotonic()
                due = self.jobs[0][0] if self.jobs else now + 0.05
                if due > now:
                    if now >= until and not self.jobs and settled():
                        return
                    self.changed.wait(min(due - now, 0.05))
                    continue
                _, _, job = heapq.heappop(self.jobs)
            job()
