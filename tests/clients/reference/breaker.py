"""The circuit breaker of a service: closed, open, and on trial while somebody probes."""
import collections
import threading
import time


class Breaker:
    def __init__(self, policy, rng):
        self.policy, self.rng = policy, rng
        self.lock = threading.Lock()
        self.results = collections.deque()  # (when, failed) of the window
        self.open = self.probing = False
        self.next_probe = self.interval = 0.0
        self.closed_at = float("-inf")
        self.openings = 0

    def admit(self):
        """"yes", "no", or "probe": whoever gets this must probe, and say how it went by probed()."""
        if not self.policy.breaker:
            return "yes"
        with self.lock:
            if not self.open:
                return "yes" if self._in_ramp() else "no"
            if self.probing or time.monotonic() < self.next_probe:
                return "no"
            self.probing = True
            return "probe"

    def _in_ramp(self):
        """After closing the work comes back little by little."""
        share = 0.1 + 0.9 * (time.monotonic() - self.closed_at) / (self.policy.ramp or 1e-9)
        return share >= 1 or self.rng.random() < share

    def probed(self, alive):
        """Whether it has closed by that."""
        with self.lock:
            self.probing = False
            if alive:
                self.open, self.closed_at = False, time.monotonic()
                self.results.clear()
            else:
                self._schedule(min(self.policy.probe_longest, self.interval * 2))
            return alive

    def record(self, failed):
        """The result of an operation that was admitted."""
        with self.lock:
            now = time.monotonic()
            self.results.append((now, failed))
            while self.results[0][0] < now - self.policy.window:
                self.results.popleft()
            failures = sum(failed for _, failed in self.results)
            if (len(self.results) >= self.policy.volume
                    and failures >= self.policy.ratio * len(self.results)):
                self._trip()

    def trip(self):
        """Open at once: what failed will not get better by trying (a wrong certificate)."""
        with self.lock:
            self._trip()

    def _trip(self):
        if self.policy.breaker and not self.open:
            self.open = True
            self.openings += 1
            self._schedule(self.policy.probe_interval)

    def _schedule(self, interval):
        self.interval = interval
        self.next_probe = time.monotonic() + interval * self.rng.uniform(1, 1.2)
