"""Threads that carry out a client's operations: so many at once, and so many that wait."""
import collections
import threading

threading.stack_size(512 * 1024)


class Pool:
    def __init__(self, size, queue):
        self.size, self.limit = size, queue
        self.jobs = collections.deque()
        self.threads = self.idle = 0
        self.changed = threading.Condition()

    def submit(self, job, force=False):
        """False if all places are taken and as many wait as may; not so with `force`."""
        with self.changed:
            if self.idle > len(self.jobs):
                self.changed.notify()
            elif self.threads < self.size:
                self.threads += 1
                threading.Thread(target=self._work, daemon=True).start()
            elif len(self.jobs) >= self.limit and not force:
                return False
            self.jobs.append(job)
            return True

    def busy(self):
        with self.changed:
            return bool(self.jobs) or self.idle < self.threads

    def _work(self):
        while True:
            with self.changed:
                self.idle += 1
                while not self.jobs:
                    self.changed.wait()
                self.idle -= 1
                job = self.jobs.popleft()
            job()
