"""A simulated client: it carries out operations as its policy says, from the first attempt to the last."""
import random
import threading
import time

from breaker import Breaker
from pacing import Budget, Gate, back_off, retry_after, until_tick
from pool import Pool
from session import Session
from transport import Failure, Tls, Transport

FINAL = {400, 401, 403, 404, 409, 422}
RETRYABLE = {408, 425, 429, 500, 502, 503, 504}
UPLOAD, LARGEST_UPLOAD = 2048, 64 * 1024
RESYNC_AFTER = 3  # failures in a row


class Service:
    """What a client knows of a service."""

    def __init__(self, url, policy, rng, tls, truth, pool):
        self.transport = Transport(url, policy, tls, truth)
        self.breaker, self.gate = Breaker(policy, rng), Gate(policy, rng)
        self.pool = pool
        self.backlog = []


class Client:
    """`later(seconds, job)` calls a job after so long."""

    def __init__(self, number, setup, truth, later):
        policy = setup.policy
        self.policy, self.truth, self.later, self.setup = policy, truth, later, setup
        self.rng = random.Random(f"{setup.seed}/client/{number}")
        self.budget = Budget(policy.budget, policy.burst)
        tls = Tls(policy, setup.ca)
        shared = Pool(policy.shared_pool, policy.queue) if policy.shared_pool else None
        self.services = {
            name: Service(url, policy, self.rng, tls, truth,
                          shared or Pool(policy.pool, policy.queue))
            for name, url in setup.services.items()}
        self.fallback = (Transport(setup.fallback, policy, tls, truth)
                         if setup.fallback and policy.fallback else None)
        authority = Transport(setup.authority, policy, tls, truth) if setup.authority else None
        self.session = Session(number, setup.name, policy, authority, setup.paths, truth)
        self.lock = threading.Lock()
        self.failed_attempts = self.failed_in_a_row = self.extras = self.probes = 0
        self.resyncing = False

    def pools(self):
        return {service.pool for service in self.services.values()}

    def submit(self, operation, force=False):
        service = self.services[operation.service]
        if not service.pool.submit(lambda: self._perform(operation, service, force), force):
            self.truth.operation("shed", 0, 0)
            service.breaker.record(True)
        if self.resyncing and not operation.extra:
            for _ in range(self.policy.resync):
                self._extra("get", operation)

    def _extra(self, kind, operation):
        """An operation more, within two seconds, that is none of a retry's: all of it is new."""
        with self.lock:
            self.extras += 1
            number = self.extras
        extra = operation.another(kind, number, self.rng)
        self.later(self.rng.uniform(0, 2 * self.setup.time_scale), lambda: self.submit(extra))

    def _perform(self, operation, service, force):
        if not force and not self._admitted(service):
            self._refuse(operation, service)
            return
        self.session.log_in()
        begun = time.monotonic()
        result, attempts = self._try(operation, service, begun)
        lasted = time.monotonic() - begun
        if result == "failed" and self._fall_back(operation):
            result = "fell_back"
        self.truth.operation(result, attempts, lasted)
        self._learn(result in ("failed", "fell_back"), operation, service)

    def _admitted(self, service):
        if service.breaker.open and service.gate.wait():
            return False
        admitted = service.breaker.admit()
        if admitted != "probe":
            return admitted == "yes"
        if not service.breaker.probed(self._probe(service)):
            return False
        waiting, service.backlog = service.backlog, []
        for kept in waiting:
            self.submit(kept, force=True)
        return True

    def _probe(self, service):
        """Whether the service is back. One question answers that."""
        alive = []

        def ask(number):
            name = f"{self.session.number}-probe{number}"
            fields = {"X-Request-Id": name} if self.setup.mark == "request-id" else {}
            try:
                answer = service.transport.attempt(
                    "GET", self.setup.paths.read(0), {**self.session.headers(), **fields}, None,
                    time.monotonic() + self.policy.timeout)
                alive.append(answer.status not in RETRYABLE)
                self.truth.attempt(answer.status)
            except Failure as failure:
                self.truth.attempt(failure=failure.kind)

        with self.lock:
            first, self.probes = self.probes, self.probes + self.policy.probes
        flood = [threading.Thread(target=ask, args=(number,), daemon=True)
                 for number in range(first, self.probes)]
        self.truth.count("probes", len(flood))
        for thread in flood:
            thread.start()
        for thread in flood:
            thread.join()
        return any(alive)

    def _refuse(self, operation, service):
        if self.policy.backlog:
            service.backlog.append(operation)
        self.truth.operation("fell_back" if self._fall_back(operation) else "refused", 0, 0)

    def _fall_back(self, operation):
        if not self.fallback or operation.kind != "get":
            return False
        try:
            answer = self.fallback.attempt("GET", operation.path, self.session.headers(), None,
                                           time.monotonic() + self.policy.timeout)
        except Failure:
            return False
        self.truth.count("fallbacks")
        return answer.status < 400

    def _learn(self, failed, operation, service):
        if not operation.extra:
            service.breaker.record(failed)
        with self.lock:
            if not failed and self.failed_in_a_row >= RESYNC_AFTER:
                self.resyncing = True
            self.failed_in_a_row = self.failed_in_a_row + 1 if failed else 0
        if failed and not operation.extra:
            for _ in range(self.policy.resubmit):
                self._extra(operation.kind, operation)

    def _try(self, operation, service, begun):
        """All attempts of an operation: how it ended, and their number."""
        self.budget.operation()
        ends = begun + self.policy.deadline
        body = self._body(operation)
        for number in range(1, self.policy.attempts + 1):
            while wait := service.gate.wait():
                if time.monotonic() + wait >= ends:
                    return "failed", number - 1
                time.sleep(wait)
            if number > 1:
                self.truth.gap(number - 1, time.monotonic() - ended)
            result, again = self._attempt(operation, service, number, body, ends)
            ended = time.monotonic()
            if result == "succeeded" or not again or number == self.policy.attempts:
                return result, number
            pause = max(back_off(self.policy, number, self.rng), service.gate.wait())
            pause = until_tick(pause, self.policy.align)
            if ended + pause >= ends or not self.budget.may_retry():
                return result, number
            time.sleep(pause)

    def _attempt(self, operation, service, number, body, ends):
        """"succeeded", "final" or "failed", and whether one may try again."""
        begun = time.monotonic()
        if service.gate.is_shut():
            self.truth.count("retry_after_early")
        try:
            answer = service.transport.attempt(
                operation.method, operation.target, self._headers(operation, number), body,
                min(ends, begun + self.policy.timeout))
        except Failure as failure:
            self.truth.attempt(failure=failure.kind, lasted=time.monotonic() - begun)
            if failure.kind == "certificate":
                service.breaker.trip()
            self.failed_attempts += 1
            return "failed", failure.kind != "certificate" and self._repeatable(operation)
        self.truth.attempt(answer.status)
        return self._judge(operation, service, answer)

    def _judge(self, operation, service, answer):
        if answer.status in FINAL:
            return "final", self.policy.repeat_final and self._repeatable(operation)
        if answer.status < 500 and answer.status not in RETRYABLE:
            if operation.kind == "get":
                self.session.remember(operation.path, answer)
            return "succeeded", False
        self.failed_attempts += 1
        asked = retry_after(answer.headers)
        if asked is not None:
            self.truth.count("retry_after_seen")
            service.gate.shut(asked)
        if answer.status >= 500:
            self.session.after_5xx()
        return "failed", answer.status in RETRYABLE and self._repeatable(operation)

    def _repeatable(self, operation):
        if operation.kind in ("get", "upload"):
            return True
        return self.policy.repeat_unkeyed or operation.kind == "post" and self.policy.keys != "none"

    def _headers(self, operation, number):
        fields = {**self.session.headers(), **operation.headers}
        if operation.kind == "post" and self.policy.keys != "none":
            fresh = f"-{number}" if self.policy.keys == "fresh" else ""
            fields["Idempotency-Key"] = operation.key + fresh
        if operation.kind == "get" and self.session.etag(operation.path):
            fields["If-None-Match"] = self.session.etag(operation.path)
        return fields

    def _body(self, operation):
        if operation.kind != "upload":
            return operation.body
        size = UPLOAD * (1 + self.failed_attempts if self.policy.grow_uploads else 1)
        return b"x" * min(size, LARGEST_UPLOAD)
