"""Logs of runs that never were: as many requests as a test wants, from clients that retry.

    made_log.write(path, 20_000)
"""
import json
import random

PHASES = (("calm", 30, 0), ("brown-out", 40, .4), ("outage", 30, 1), ("after", 60, 0))
SCENARIO = """\
panne: 1
title: Made up <requests> & "retries"
services:
  api: {match: {path: /api/**}}
  static: {match: {path: /static/**}, stays-up: true}
phases:
""" + "".join(f"  - {{name: {name}, lasts: {minutes}m, faults: [{{service: api, error: 503, share: {share:.0%}}}]}}\n"
              for name, minutes, share in PHASES) + """\
expect:
  amplification: {at-most: 1.2}
"""
RUN = {"event": "run", "version": "0.1.0", "wall": "2026-11-21T18:00:00.250Z", "scenario": "made.yaml",
       "hash": "0" * 16, "text": SCENARIO, "seed": "7", "speed": 1, "step": False, "any_host": True,
       "generation": 0, "workers": 1, "file": "made.yaml", "profile": "default"}


def phase_at(second):
    for name, minutes, share in PHASES:
        if second < minutes * 60:
            return name, share
        second -= minutes * 60
    return PHASES[-1][0], 0


def request(dice, second, number, who, asked, retry):
    """An attempt, as its line says it; when it ended; and whether it failed."""
    phase, share = phase_at(second)
    failed = asked["service"] == "api" and dice.random() < share
    lasted = dice.expovariate(1 / 3) + .3 if failed else dice.lognormvariate(3, 1)
    status = 503 if failed else 404 if dice.random() < .01 else 200
    return {"event": "request", "exchange": number, "connection": number - retry, "client": who,
            "phase": phase, "decided_s": round(second, 6), "timeline_s": round(second, 6), **asked,
            "status": status, "outcome": "made" if failed else "answered", "faults": int(failed),
            "first_byte_ms": round(lasted * .8, 3), "lasted_ms": round(lasted, 3), "agent": "made-app",
            **({"retry_after_ms": 2000.0} if failed and dice.random() < .2 else {}),
            }, second + lasted / 1000, failed


def operations(dice, requests):
    """(when, line) of as many requests, with their faults and connections; up to six attempts each."""
    length, number = sum(minutes for _, minutes, _ in PHASES) * 60, 0
    while number < requests:
        second, who = dice.random() * length, "10.0.%d.%d" % divmod(dice.randrange(5000), 250)
        service = dice.choice(("api", "api", "static"))
        asked = {"service": service, "method": dice.choice(("GET", "GET", "PUT", "POST")),
                 "path": f"/{service}/items/{dice.randrange(300)}", "host": "made.example",
                 "print": f"{dice.getrandbits(63) | 1:016x}"}
        for retry in range(min(6, requests - number)):
            number += 1
            line, second, failed = request(dice, second, number, who, asked, retry)
            if failed:
                yield second - .00001, {"event": "fault", "exchange": number, "connection": line["connection"],
                                        "rule": f"{line['phase']}#1", "kind": "error", "draw": .1, "share": .4,
                                        "touched": 1, "exercised": True, "shadowed": False}
            yield second, line
            if not failed:
                break
            second += dice.random() * min(.2 * 2 ** retry, 5)
        yield second + .001, {"event": "connection", "connection": line["connection"], "client": who,
                              "resumed": False, "requests": retry + 1, "bytes_in": 200, "bytes_out": 200,
                              "lasted_ms": 5000.0, "end": "done"}


def write(path, requests, seed=3):
    lines, second = [(0.0, RUN)], 0.0
    for name, minutes, _ in (*PHASES, ("", 0, 0)):
        lines.append((second, {"event": "phase", "name": name, "lasts_ms": minutes * 60000.0,
                               "scenario_lasts_ms": minutes * 60000.0, "why": "time"}))
        second += minutes * 60
    lines += operations(random.Random(seed), requests)
    lines.sort(key=lambda line: line[0])
    lines.append((lines[-1][0], {"event": "end", "exit": 0, "why": "done", "requests": requests,
                                 "faults": 0, "crowded": 0, "lost": 0}))
    with open(path, "w") as file:
        for place, (time, line) in enumerate(lines):
            file.write(json.dumps({**line, "seq": place, "time": round(time, 6)}, separators=(",", ":")) + "\n")
