"""What the clients really did, counted by themselves: to be compared with what was seen of it."""
import collections
import json
import statistics
import threading


class Truth:
    def __init__(self):
        # A signal ends the run in the middle of anything, and prints.
        self.lock = threading.RLock()
        self.counts = collections.Counter()
        self.statuses, self.failures = collections.Counter(), collections.Counter()
        self.attempts = collections.Counter()       # operations by how often they were tried
        self.gaps = collections.defaultdict(list)   # by retry index
        self.longest = 0.0                          # of an operation
        self.patience = 0.0                         # of an attempt without an answer

    def count(self, what, by=1):
        with self.lock:
            self.counts[what] += by

    def attempt(self, status=None, failure=None, lasted=0.0):
        with self.lock:
            self.counts["attempts"] += 1
            if failure:
                self.failures[failure] += 1
                if failure == "timeout":
                    self.patience = max(self.patience, lasted)
            else:
                self.statuses[str(status)] += 1

    def gap(self, retry, seconds):
        with self.lock:
            self.counts["retries"] += 1
            self.gaps[retry].append(seconds)

    def operation(self, result, attempts, lasted):
        with self.lock:
            self.counts["operations"] += 1
            self.counts[result] += 1
            if attempts:
                self.attempts[attempts] += 1
                self.longest = max(self.longest, lasted)

    def line(self, **about):
        """All of it as a line of JSON."""
        with self.lock:
            return json.dumps({
                **about, **dict(sorted(self.counts.items())), "statuses": self.statuses,
                "failures": self.failures, "longest": round(self.longest, 3),
                "patience": round(self.patience, 3),
                "attempts_of_operations": {str(n): self.attempts[n] for n in sorted(self.attempts)},
                "gaps": {str(retry): _summary(self.gaps[retry]) for retry in sorted(self.gaps)}})


def _summary(gaps):
    mean = statistics.fmean(gaps)
    spread = statistics.stdev(gaps) / mean if len(gaps) > 1 and mean else 0.0
    return {"count": len(gaps), "mean": round(mean, 4), "min": round(min(gaps), 4),
            "max": round(max(gaps), 4), "cv": round(spread, 3)}
