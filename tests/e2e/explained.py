"""What the tests of `panne explain` share: a scenario of all sorts, and traffic for it."""
import concurrent.futures
import http.client
import json
import random

REVERSE = ("--listen", "http://127.0.0.1:0", "--upstream", "embedded")

MANY = """
panne: 1
seed: 20211119
services:
  tenant: {match: {header: {x-tenant: [acme, "b*"]}}}
  second: {match: {query: {v: "2"}, path: /api/**}}
  ble: {match: {path: /static/**}, stays-up: true}
  api: {match: {path: /**}}
phases:
  - name: first
    lasts: 1m
    faults:
      - {service: api, error: 503, nth: 2..4}
      - {service: api, error: 500, share: 30%, when: {method: POST}}
      - {service: api, latency: 2ms, share: 40%, nth: "3..", when: {header: {x-try: "*"}}}
      - {service: tenant, latency: 3ms, share: 0% -> 100%, when: {query: {a: "1"}}}
      - {service: second, mix: [{share: 40%, error: 502}, {share: 30%, latency: 3ms}]}
  - name: second
    lasts: 1m
    faults:
      - {error: 500, share: {sine: {period: 5s, from: 0%, to: 100%}}, per: client}
      - {error: 504, share: {square: {high: 9s, low: 6s, share: 35%}}, per: operation}
      - {service: api, error: 501, share: 50%, per: connection}
      - {service: api, latency: 1ms, share: [0s 8%, 20s 90%], nth: 1..5}
"""

CLIENTS = ("a", "b", "c")


def ask(port, rng):
    """A few requests on one connection, of all sorts."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        for _ in range(rng.randint(1, 5)):
            fields = {"X-Client": rng.choice(CLIENTS)}
            if rng.random() < 0.4:
                fields["X-Tenant"] = rng.choice(["acme", "beta", "gamma"])
            if rng.random() < 0.5:
                fields["X-Try"] = "1"
            path = rng.choice(["/api/1", "/api/2", "/static/x", "/get"])
            query = rng.choice(["", "?v=2", "?a=1", "?a=1&v=2"])
            connection.request(rng.choice(["GET", "POST"]), path + query, headers=fields)
            connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        pass  # a fault
    finally:
        connection.close()


def storm(proxy, rounds=60, threads=16, seed=1):
    """`rounds` connections, 16 at a time."""
    port = proxy.port()
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda number: ask(port, random.Random(seed * 1000 + number)), range(rounds)))


def requests_of(proxy):
    return [event for event in proxy.log() if event["event"] == "request"]

OPENINGS = """
panne: 1
seed: 5
services:
  local: {match: {host: 127.0.0.1}}
  paths: {match: {path: /never}}
phases:
  - name: bad
    faults:
      - {service: local, refuse: {}, share: 30%, nth: 3..}
      - {service: local, accept-silence: 5ms, share: 50%}
      - {service: local, error: 500, share: 40%, per: connection}
      - {service: local, latency: 1ms, nth: 1..2}
"""

LIMITED = """
panne: 1
seed: 5
services:
  api: {match: {}}
phases:
  - name: bad
    faults:
      - {service: api, ratelimit: {rate: 6/m, burst: 2}}
"""

# What hangs on the order of all requests, among what makes them end in another one.
LIMITS = """
panne: 1
seed: 5
services:
  local: {match: {host: "*", method: GET}}
  api: {match: {path: /**}}
  wire: {match: {}}
phases:
  - name: bad
    faults:
      - {latency: {p50: 3ms, p99: 30ms}, share: 40%}
      - {service: local, ratelimit: {rate: 200/s, burst: 5, for: all}, share: 70%}
      - {service: api, ratelimit: {rate: 10/s, burst: 3, punish: 20ms, punish-most: 400ms}}
      - {service: local, mix: [{share: 30%, error: 500},
                               {share: 40%, ratelimit: {rate: 30/s, burst: 2}}]}
      - {service: api, error: 503, nth: 4.., share: 30%}
      - {service: wire, accept-silence: 2ms, share: 30%}
"""


def change(lines, condition, edit):
    """The same, with the first event for which the condition holds changed (None: left out)."""
    out, done = [], False
    for line in lines:
        event = json.loads(line)
        if not done and condition(event):
            done = True
            event = edit(event)
            line = json.dumps(event) if event else None
        out.append(line)
    assert done
    return [line for line in out if line]
