"""When to try again, and whether at all: back-off, Retry-After, and the retry budget."""
import email.utils
import threading
import time
from datetime import timezone


def back_off(policy, retry, rng):
    """Seconds before retry 1, 2, …: capped exponential back-off with full jitter."""
    ceiling = policy.base
    for _ in range(retry - 1):
        ceiling = min(policy.cap, ceiling * policy.factor)
    ceiling = min(policy.cap, ceiling)
    return rng.uniform(0, ceiling) if policy.jitter else ceiling


def until_tick(seconds, tick):
    """So long that it ends at a multiple of `tick` of the wall clock."""
    if not tick:
        return seconds
    due = time.time() + seconds
    return seconds + (-due) % tick


def retry_after(headers):
    """Seconds that the server asks for, or None."""
    milliseconds = headers.get("x-amz-retry-after")
    if milliseconds and milliseconds.isdigit():
        return int(milliseconds) / 1000
    value = (headers.get("Retry-After") or "").strip()
    if value.isdigit():
        return float(value)
    try:
        date = email.utils.parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=timezone.utc)
    return max(0.0, date.timestamp() - time.time())


class Budget:
    """A token bucket: an operation pays a part of a retry in, a retry takes one out."""

    def __init__(self, deposit, burst):
        self.deposit, self.burst, self.tokens = deposit, burst, float(burst)
        self.lock = threading.Lock()

    def operation(self):
        if self.deposit is not None:
            with self.lock:
                self.tokens = min(self.burst, self.tokens + self.deposit)

    def may_retry(self):
        if self.deposit is None:
            return True
        with self.lock:
            # The sum of ten tenths is just below one.
            allowed = self.tokens >= 1 - 1e-9
            self.tokens -= allowed
            return allowed


class Gate:
    """Until when a service has asked not to be asked (Retry-After)."""

    def __init__(self, policy, rng):
        self.policy, self.rng = policy, rng
        self.shut_until, self.asked = 0.0, 0.0

    def shut(self, seconds):
        self.shut_until, self.asked = max(self.shut_until, time.monotonic() + seconds), seconds

    def is_shut(self):
        return time.monotonic() < self.shut_until

    def wait(self):
        """Seconds to wait from now. Whoever obeys waits longer, each by an own part of the half."""
        left = self.shut_until - time.monotonic()
        if left <= 0 or self.policy.retry_after == "ignore":
            return 0.0
        spread = self.asked / 2 if self.policy.retry_after == "obey" else 0.0
        return left + 0.002 + self.rng.uniform(0, spread)
