"""Whole scenarios at their own speed, before a client that asks on and on."""
import concurrent.futures
import time

import pytest
import requests

from origins import wait_until
from ways import events

pytestmark = pytest.mark.long

TESLA = ["calm", "verbosity", "down", "worldwide", "partial-back", "tail", "after"]
TESLA_LASTS = 239.0
CLIENTS, PAUSE, PATIENCE = 4, 0.1, 2.0
PATH = "/api/1/vehicles"


@pytest.fixture(autouse=True)
def vehicles(nginx):
    (nginx.www / "api" / "1").mkdir(parents=True, exist_ok=True)
    (nginx.www / "api" / "1" / "vehicles").write_text('{"response": [], "count": 0}')


class Asked:
    """What a client got: (seconds since the start, status or None)."""

    def __init__(self):
        self.answers = []
        self.began = time.monotonic()

    def ask_until(self, over, base):
        with requests.Session() as session:
            while not over():
                try:
                    status = session.get(base + PATH, headers={"Host": "owner-api.test"},
                                         timeout=PATIENCE).status_code
                except requests.RequestException:
                    status = None
                self.answers.append((time.monotonic() - self.began, status))
                time.sleep(PAUSE)

    def between(self, since, until):
        return [status for moment, status in self.answers if since <= moment < until]


def share(statuses, status):
    return statuses.count(status) / len(statuses)


def ask_from(count, over, base):
    asked = Asked()
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        for done in [pool.submit(asked.ask_until, over, base) for _ in range(count)]:
            done.result()
    return asked


def test_the_tesla_outage_takes_its_time_and_comes_to_its_end(panne, nginx):
    proxy = panne("run", "tesla-2021", "--listen", "http://127.0.0.1:0", "--upstream", nginx.url)
    began = time.monotonic()

    def over():
        return proxy.status is not None or time.monotonic() - began > TESLA_LASTS + 30

    asked = ask_from(CLIENTS, over, proxy.url())
    phases = events(proxy, "phase")  # the last one has no name: it is the end
    assert [event["name"] for event in phases if event.get("name")] == TESLA
    starts = [event["time"] - phases[0]["time"] for event in phases]
    assert starts == pytest.approx([0, 13.33, 26.67, 86.67, 133.33, 193.33, 226.67, 240], abs=0.5)
    assert proxy.wait(within=20) in (0, 1, 4)
    end = events(proxy, "end")[0]
    assert end["lost"] == 0
    assert set(asked.between(0, starts[1] - 1)) == {200}
    down = asked.between(starts[2] + 3, starts[4] - 3)
    assert share(down, 500) > 0.6 and share(down, 200) < 0.25 and None in down
    assert share(asked.between(starts[4] + 3, starts[5]), 200) > 0.5
    assert share(asked.between(starts[6] + 1, starts[6] + 11), 200) == 1


def test_a_calm_half_minute_changes_nothing(panne, nginx):
    proxy = panne("run", "calm", "--listen", "http://127.0.0.1:0", "--upstream", nginx.url)
    until = time.monotonic() + 30
    asked = ask_from(CLIENTS, lambda: time.monotonic() > until, proxy.url())
    listening = len(proxy.ready["listeners"])
    assert {status for _, status in asked.answers} == {200} and len(asked.answers) > 500
    wait_until(lambda: len(events(proxy, "request")) == len(asked.answers), 5, "all is in the log")
    assert events(proxy, "fault") == []
    assert proxy.sockets() <= listening + 2 * CLIENTS + 4
    assert proxy.stop() == 0
