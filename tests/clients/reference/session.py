"""Who a client is to the services: its name, its token, and the answers that it keeps."""
import threading
import time

from transport import Failure


class Session:
    """`authority` is the Transport to where tokens are from, or None."""

    def __init__(self, number, name, policy, authority, paths, truth):
        self.number, self.name, self.policy, self.truth = number, name, policy, truth
        self.authority, self.paths = authority, paths
        self.token, self.asked_at, self.pause = None, float("-inf"), policy.probe_interval
        self.etags = {}
        self.lock = threading.Lock()

    def headers(self):
        fields = {"User-Agent": f"reference-{self.name}", "X-Client": str(self.number)}
        if self.token:
            fields["Authorization"] = f"Bearer {self.token}"
        return fields

    def log_in(self):
        """Without a token ask for one; but not soon again after it failed."""
        if not self.authority:
            return
        with self.lock:
            now = time.monotonic()
            if self.token or now - self.asked_at < self.pause:
                return
            self.pause = min(self.policy.probe_longest, 2 * self.pause if self.asked_at > 0 else self.pause)
            self.asked_at = now
        self._ask_for_token()

    def after_5xx(self):
        """What no client should do: as if the service had said that the user is another."""
        if not self.authority:
            return
        if self.policy.logout:
            self.truth.count("revokes")
            self._post(self.paths.revoke, b"token=" + (self.token or "none").encode())
            self.token = None
        if self.policy.renew or self.policy.logout:
            self._ask_for_token()

    def _ask_for_token(self):
        self.truth.count("tokens")
        answer = self._post(self.paths.token, b"grant_type=client_credentials&client_id=%d" % self.number)
        if answer and answer.status == 200:
            self.token = f"token-{self.number}"

    def _post(self, path, body):
        """A single attempt: it has no key, so it is not repeated."""
        fields = {**self.headers(), "Content-Type": "application/x-www-form-urlencoded"}
        try:
            return self.authority.attempt("POST", path, fields, body,
                                          time.monotonic() + self.policy.timeout)
        except Failure:
            return None

    def remember(self, path, answer):
        """For the next request of the path: its answer's ETag."""
        with self.lock:
            if answer.status == 200 and answer.headers.get("ETag"):
                self.etags[path] = answer.headers["ETag"]

    def etag(self, path):
        with self.lock:
            return self.etags.get(path)
