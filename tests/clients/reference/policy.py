"""What a client does when a service fails: a table of knobs for each client, and nothing else.

GOOD keeps every rule. NAIVE keeps none. Each mutant is GOOD with one rule broken: a row of MUTANTS.
"""
import dataclasses
import json

NEVER = float("inf")


def knob(default, meaning, seconds=False):
    return dataclasses.field(default=default, metadata={"meaning": meaning, "seconds": seconds})


def time(default, meaning):
    """A knob in seconds: --time-scale multiplies it."""
    return knob(default, meaning, seconds=True)


@dataclasses.dataclass(frozen=True)
class Policy:
    """The defaults are the good client's."""

    # How often
    attempts: int = knob(3, "attempts of an operation, at most")
    budget: float | None = knob(0.1, "retries an operation pays for; null: without a limit")
    burst: int = knob(5, "retries the budget holds at first and at most")
    resubmit: int = knob(0, "new operations that take a failed one's place")

    # When
    base: float = time(0.5, "the first back-off's ceiling")
    factor: float = knob(2.0, "by which the ceiling grows with each retry")
    cap: float = time(4.0, "the ceiling's ceiling")
    jitter: bool = knob(True, "wait between nothing and the ceiling, not just the ceiling")
    align: float = time(0.0, "retry at multiples of this on the wall clock; 0: whenever due")
    retry_after: str = knob("obey", "obey: wait longer by some jitter; exact: no longer; ignore")

    # For how long
    timeout: float = time(6.0, "patience with one attempt, from connecting to the last byte")
    deadline: float = time(15.0, "patience with an operation, with all its attempts and pauses")

    # What
    keys: str = knob("stable", "Idempotency-Key of a POST: stable, fresh with each attempt, none")
    repeat_unkeyed: bool = knob(False, "repeat a POST that has no key")
    repeat_final: bool = knob(False, "repeat after 400, 401, 403, 404, 409, 422")
    check_length: bool = knob(True, "a body shorter than announced is an error")
    verify: bool = knob(True, "send nothing over a connection whose certificate is wrong")

    # The breaker of a service
    breaker: bool = knob(True, "stop asking a service that fails")
    volume: int = knob(20, "operations in the window before it may open")
    ratio: float = knob(0.5, "the share of them that failed which opens it")
    window: float = time(10.0, "the window")
    probe_interval: float = time(5.0, "from opening to the first probe; doubles up to probe_longest")
    probe_longest: float = time(30.0, "between probes, at most")
    probes: int = knob(1, "requests that try whether the service is back")
    ramp: float = time(5.0, "after closing, from a tenth of the work to all of it")
    backlog: bool = knob(False, "keep what was refused meanwhile, and send it all at closing")
    resync: int = knob(0, "once a failure is over: reads that go with each operation from then on")

    # Connections and pools
    keep_alive: bool = knob(True, "use a connection again")
    drop_failed: bool = knob(False, "close a connection after an error answer")
    resume: bool = knob(True, "resume TLS sessions")
    pool: int = knob(8, "operations of a service under way at once")
    shared_pool: int = knob(0, "one pool of this size for all services; 0: each has its own")
    queue: int = knob(4, "operations that wait for a place in the pool; what exceeds is refused")

    # Besides
    fallback: bool = knob(True, "read from --fallback if the service fails")
    logout: bool = knob(False, "revoke the token after a 5xx")
    renew: bool = knob(False, "ask for a new token after a 5xx")
    grow_uploads: bool = knob(False, "failures make uploads larger")
    lockstep: bool = knob(False, "all clients begin their operations at the same instants")

    def scaled(self, factor):
        """The same with all its times multiplied."""
        times = [field.name for field in dataclasses.fields(self) if field.metadata["seconds"]]
        return dataclasses.replace(self, **{name: getattr(self, name) * factor for name in times})

    def changed(self, assignments):
        """With "KNOB=VALUE" settings, the values as in JSON, or `never`."""
        known = {field.name for field in dataclasses.fields(self)}
        changes = {}
        for assignment in assignments:
            name, _, value = assignment.partition("=")
            if name not in known:
                raise ValueError(f"there is no knob {name}")
            try:
                changes[name] = NEVER if value == "never" else json.loads(value)
            except ValueError:
                changes[name] = value
        return dataclasses.replace(self, **changes)


GOOD = Policy()

NAIVE = Policy(
    attempts=10, budget=None, base=0.0, jitter=False, retry_after="ignore", timeout=NEVER,
    deadline=NEVER, keys="none", repeat_unkeyed=True, repeat_final=True, check_length=False,
    verify=False, breaker=False, keep_alive=False, resume=False, shared_pool=8, queue=1_000_000,
    resync=1, fallback=False, logout=True, renew=True, grow_uploads=True, lockstep=True)


@dataclasses.dataclass(frozen=True)
class Mutant:
    """GOOD with `changes`; `shown_by` says under what one sees it from the wire."""

    name: str
    changes: dict
    breaks: str
    shown_by: str

    @property
    def policy(self):
        return dataclasses.replace(GOOD, **self.changes)


# "Little traffic" is fewer operations a client than open the breaker: 20 in its window of 10 s.
# A "narrow" fault hits one operation of a hundred, which neither the breaker nor the budget notices.
MUTANTS = {row.name: row for row in (
    Mutant("amplification", {"attempts": 8, "budget": None},
           "eight attempts and no budget: an outage multiplies the load",
           "an outage under little traffic"),
    Mutant("attempts", {"attempts": 6}, "six attempts of an operation", "a narrow fault"),
    Mutant("budget", {"budget": None}, "no retry budget: three times the load for as long as it fails",
           "an outage under little traffic"),
    Mutant("load-factor", {"resubmit": 4},
           "a failed operation is replaced by four new ones, so that no attempt looks like a retry",
           "an outage under little traffic"),
    Mutant("backoff", {"factor": 1.0}, "pauses with jitter that do not grow", "a narrow fault"),
    Mutant("backoff-ceiling", {"factor": 24.0, "cap": NEVER},
           "the second pause is up to 12 s, where the longest should be 4 s", "a narrow fault"),
    Mutant("hot-loop", {"attempts": 6, "base": 0.0}, "six attempts without a pause", "a narrow fault"),
    Mutant("jitter", {"jitter": False}, "pauses without jitter: 0.5 s and 1 s sharp", "a narrow fault"),
    Mutant("retry-after", {"retry_after": "ignore"}, "Retry-After is ignored",
           "503 or 429 with Retry-After"),
    Mutant("retry-after-herd", {"retry_after": "exact"},
           "all clients come back at the very moment that Retry-After names",
           "503 with Retry-After to many clients at once"),
    Mutant("timeout", {"timeout": 90.0, "deadline": 100.0}, "waits 90 s for an answer", "a hang"),
    Mutant("open-hang", {"timeout": NEVER, "deadline": NEVER}, "waits for an answer for ever",
           "a hang"),
    Mutant("eager-timeout", {"timeout": 0.05}, "gives up after 50 ms, when others are still answered",
           "answers that take 20 to 200 ms, without a fault"),
    Mutant("deadline", {"deadline": NEVER}, "an operation may take as long as it takes",
           "a hang (over 18 s) or a long Retry-After"),
    Mutant("unsafe-repeats", {"repeat_unkeyed": True}, "repeats a POST without a key", "a narrow fault"),
    Mutant("key-stability", {"keys": "fresh"}, "a new Idempotency-Key for each attempt",
           "a narrow fault"),
    Mutant("final-errors", {"repeat_final": True}, "repeats what was answered by 404",
           "404 to some operations"),
    Mutant("breaker", {"breaker": False}, "the breaker never opens", "an outage"),
    Mutant("probes", {"probes": 40}, "a flood of 40 requests tries whether the service is back",
           "an outage that lasts for several probes"),
    Mutant("recovery", {"probe_interval": 240.0, "probe_longest": 240.0},
           "stays away for four minutes", "an outage that ends"),
    Mutant("overshoot", {"backlog": True}, "sends all that was refused meanwhile at once",
           "an outage that ends"),
    Mutant("synchrony", {"align": 0.5}, "all clients retry at the same ticks of the clock",
           "failures of many clients"),
    Mutant("churn", {"drop_failed": True}, "a new connection after each error answer", "an outage"),
    Mutant("reuse", {"keep_alive": False}, "a new connection for each request", "any"),
    Mutant("resumption", {"resume": False}, "full TLS handshakes only", "resets over TLS"),
    Mutant("bulkhead", {"shared_pool": 2}, "a failing service takes the places of the others",
           "a hang of one service"),
    Mutant("fallback", {"fallback": False}, "does not turn to the fallback", "an outage"),
    Mutant("logout", {"logout": True}, "a 5xx logs the user out", "an outage"),
    Mutant("token-storm", {"renew": True}, "a 5xx makes it ask for a new token", "an outage"),
    Mutant("bad-certificate", {"verify": False}, "sends over connections with a wrong certificate",
           "an expired certificate"),
    Mutant("truncated", {"check_length": False},
           "takes a cut answer for whole, and asks with its ETag afterwards", "cut answers with an ETag"),
    Mutant("upload-growth", {"grow_uploads": True}, "failures make uploads larger, up to 64 KiB",
           "failures of a part of the requests"),
    Mutant("metastability", {"resync": 1},
           "once a failure is over it reads everything twice, for good", "an outage that ends"),
)}
