"""`panne explain` before logs that are forged, cut, lossy, or none at all."""
import json

import pytest

from explained import LIMITED, MANY, OPENINGS, REVERSE, change, storm


@pytest.fixture
def recorded(panne, scenario):
    """The lines of a small run's log."""
    proxy = panne("run", scenario(MANY), *REVERSE)
    storm(proxy, rounds=12)
    proxy.stop()
    return proxy.log_file.read_text().splitlines()


def is_fault(event):
    return event["event"] == "fault"


def is_hit(event):
    return event["event"] == "request" and event["faults"] > 0


FORGERIES = {
    "a draw": (is_fault, lambda e: {**e, "draw": e["draw"] / 2}, "faults in the log"),
    "a share": (is_fault, lambda e: {**e, "share": 0.99}, "faults in the log"),
    "a rule": (is_fault, lambda e: {**e, "rule": "first#9"}, "first#9"),
    "a kind": (is_fault, lambda e: {**e, "kind": "hang"}, " hang "),
    "shadowed": (is_fault, lambda e: {**e, "shadowed": not e["shadowed"]}, "shadowed"),
    "a fault line": (is_fault, lambda e: None, "lines: 1 are missing"),
    "another seed": (lambda e: e["event"] == "run", lambda e: {**e, "seed": "8"}, "differences"),
    "another speed": (lambda e: e["event"] == "run", lambda e: {**e, "speed": 1e5, "floor_ms": 0.0},
                      "phase: the log says first, the engine second"),
    "another client": (is_hit, lambda e: {**e, "client": "10.0.0.1"}, "of 10.0.0.1"),
    "another path": (is_hit, lambda e: {**e, "path": "/elsewhere"}, "/elsewhere"),
    "another phase": (is_hit, lambda e: {**e, "phase": "second"},
                      "phase: the log says second, the engine first"),
    "another service": (is_hit, lambda e: {**e, "service": "nobody"},
                        "service: the log says nobody"),
    "another ordinal": (is_hit, lambda e: {**e, "ordinal": e["ordinal"] + 1}, "ordinal"),
    "no phase": (is_hit, lambda e: {**e, "phase": ""}, "something was decided"),
    "an unknown generation": (is_hit, lambda e: {**e, "generation": 7}, "no such scenario"),
    "a timeline that lags": (is_hit, lambda e: {**e, "timeline_s": -1.0}, "behind its decided_s"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_log_is_found_out(recorded, command, tmp_path, name):
    condition, edit, said = FORGERIES[name]
    path = tmp_path / "forged.ndjson"
    path.write_text("\n".join(change(recorded, condition, edit)) + "\n")
    done = command("explain", path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert said in done.stdout


def test_a_request_that_was_taken_out_and_renumbered_is_found_out(recorded, command, tmp_path):
    events = [json.loads(line) for line in recorded]
    seen = [event for event in events if event["event"] == "request" and event["ordinal"] == 0]
    later = {(event["method"], event["path"], event.get("service"))
             for event in events if event["event"] == "request" and event["ordinal"] > 0}
    victim = next(event for event in seen if (event["method"], event["path"],
                                              event.get("service")) in later)
    kept = [event for event in events if event.get("exchange") != victim["exchange"]]
    path = tmp_path / "forged.ndjson"
    path.write_text("".join(json.dumps({**event, "seq": number}) + "\n"
                            for number, event in enumerate(kept)))
    done = command("explain", path)
    assert done.returncode == 1 and "but has not the 1 before it" in done.stdout


def test_a_log_that_is_cut_short_is_inconclusive(recorded, command, tmp_path):
    path = tmp_path / "cut.ndjson"
    for keep in (len(recorded) - 1, len(recorded) // 2, len(recorded) // 3, 1):
        path.write_text("\n".join(recorded[:keep]) + "\n" + recorded[keep][:20])
        done = command("explain", path)
        assert done.returncode == 4, done.stdout + done.stderr
        assert "the log is not whole" in done.stdout


def test_lost_lines_are_no_disagreement(recorded, command, tmp_path):
    path = tmp_path / "lossy.ndjson"
    for victim in range(1, len(recorded) - 1):
        lines = recorded[:victim] + recorded[victim + 1:]
        path.write_text("\n".join(change(lines, lambda e: e["event"] == "end",
                                         lambda e: {**e, "lost": 1})) + "\n")
        done = command("explain", path)
        assert done.returncode == 4, recorded[victim] + done.stdout + done.stderr


@pytest.mark.parametrize("text, said", [
    ("", "no line of a log in it"),
    ("x\n", "line 1: not JSON"),
    ("{}\n", 'line 1: no object with an "event"'),
    ('{"event": "end", "seq": 0}\n', "line 1: the first line of a log tells what is run"),
    ('{"event": "run", "seq": -1}\n', 'line 1: "seq" wants a whole number'),
    ('{"event": "run", "seq": 0, "seed": 7}\n', 'line 1: "seed" wants a text'),
    ('{"event": "run", "seq": 0, "seed": "x"}\n', 'line 1: its "seed" is no number'),
    ('{"event": "run", "seq": 0, "seed": "7", "text": "panne: 2"}\n',
     "line 1: the scenario in it is not valid here: 1:8:"),
    ("x" * (9 << 20), "line 1: longer than any line of a log"),
], ids=["empty", "text", "object", "no run", "negative", "type", "seed", "scenario", "long"])
def test_what_is_no_log(command, tmp_path, text, said):
    path = tmp_path / "log"
    path.write_text(text)
    done = command("explain", path)
    assert done.returncode == 3 and said in done.stderr, done.stderr


def test_a_log_with_a_broken_line(recorded, command, tmp_path):
    path = tmp_path / "log"
    path.write_text("\n".join([*recorded[:3], "{", *recorded[3:]]) + "\n")
    done = command("explain", path)
    assert done.returncode == 3 and f"{path}: line 4: not JSON" in done.stderr
    path.write_text("\n".join([*recorded[:4], recorded[3], *recorded[4:]]) + "\n")
    done = command("explain", path)
    assert done.returncode == 3 and 'line 5: its "seq" is not above' in done.stderr
    changed = change(recorded, lambda e: e["event"] == "run",
                     lambda e: {**e, "text": e["text"].replace("30%", "31%")})
    path.write_text("\n".join(changed) + "\n")
    done = command("explain", path)
    assert done.returncode == 3 and "the scenario in it has been changed" in done.stderr


def test_a_log_that_is_not_there(command):
    done = command("explain", "nowhere.ndjson")
    assert done.returncode == 3 and "nowhere.ndjson cannot be read: No such file" in done.stderr
    done = command("explain")
    assert done.returncode == 2 and "explain wants LOG" in done.stderr


def test_a_forged_opening_is_found_out(panne, scenario, command, tmp_path):
    proxy = panne("run", scenario(OPENINGS), *REVERSE, "--service", "local=*")
    storm(proxy, rounds=20)
    proxy.stop()
    path = tmp_path / "forged.ndjson"
    lines = proxy.log_file.read_text().splitlines()
    for edit in ({"client_connection": 999}, {"ordinal": 999}, {"faults": 7}, {"service": ""}):
        path.write_text("\n".join(change(lines, lambda e: e["event"] == "opening" and e["faults"],
                                         lambda e: {**e, **edit})) + "\n")
        done = command("explain", path)
        assert done.returncode == 1 and "connection " in done.stdout, (edit, done.stdout)


def test_a_request_that_is_not_there(recorded, command, tmp_path):
    path = tmp_path / "log"
    path.write_text("\n".join(recorded) + "\n")
    done = command("explain", path, "--request=999999")
    assert done.returncode == 2 and "there is no exchange 999999" in done.stderr and "the nearest is " in done.stderr


@pytest.fixture
def limited(panne, scenario):
    """The events of a small run with a limit."""
    proxy = panne("run", scenario(LIMITED), *REVERSE)
    storm(proxy, rounds=12)
    proxy.stop()
    return [json.loads(line) for line in proxy.log_file.read_text().splitlines()]


@pytest.fixture
def judge(command, tmp_path):
    """Explain these events, with numbers that have no gaps unless they shall keep their own."""
    def explain(events, renumber=True):
        path = tmp_path / "log"
        if renumber:
            events = [{**event, "seq": number} for number, event in enumerate(events)]
        path.write_text("".join(json.dumps(event) + "\n" for event in events))
        return command("explain", path)
    return explain


def exchanges(events, refused):
    return [event for event in events if event["event"] == "request"
            and (event["faults"] > 0) == refused]


def test_a_refusal_made_a_passage_is_found_out(limited, judge):
    assert judge(limited).returncode == 0
    for victim in exchanges(limited, refused=True)[::5]:
        number = victim["exchange"]
        kept = [{**event, "faults": 0, "status": 200} if event is victim else event
                for event in limited
                if event["event"] != "fault" or event["exchange"] != number]
        done = judge(kept)
        assert done.returncode == 1 and ", 1 difference\n" in done.stdout, done.stdout
        assert f"exchange {number} (" in done.stdout and "faults in the log: none" in done.stdout


def test_a_passage_made_a_refusal_is_found_out(limited, judge):
    fault = next(event for event in limited if event["event"] == "fault")
    passed = exchanges(limited, refused=False)
    assert passed
    for victim in passed:
        number = victim["exchange"]
        forged = []
        for event in limited:
            if event is victim:
                forged += [{**fault, "exchange": number, "connection": event["connection"]},
                           {**event, "faults": 1, "status": 429}]
            else:
                forged.append(event)
        done = judge(forged)
        assert done.returncode == 1 and ", 1 difference\n" in done.stdout, done.stdout
        assert f"exchange {number} (" in done.stdout
        assert "faults by the engine: none" in done.stdout


def with_turns(events, change_turn):
    return [{**event, "turn": change_turn(event["turn"])} if "turn" in event else event
            for event in events]


def test_forged_turns_are_found_out(limited, judge):
    last = max(event["turn"] for event in limited if "turn" in event)
    first_refused = min(event["turn"] for event in exchanges(limited, refused=True))
    swap = {1: first_refused, first_refused: 1}
    for change_turn, said in ((lambda turn: swap.get(turn, turn), "faults by the engine"),
                              (lambda turn: 0, "turn: there is none"),
                              (lambda turn: min(turn, last - 1), "another exchange has the same"),
                              (lambda turn: turn + 1, "but has not the 1 before it"),
                              (lambda turn: last + 1 - turn, "ordinal: another exchange")):
        done = judge(with_turns(limited, change_turn))
        assert done.returncode == 1 and said in done.stdout, (said, done.stdout)


def test_turns_without_a_limit_are_found_out(recorded, judge):
    events = [json.loads(line) for line in recorded]
    done = judge(with_turns(events, lambda turn: 1))
    assert done.returncode == 1 and "turn: the log says one, the engine none" in done.stdout


def test_a_passage_taken_out_is_found_out(limited, judge):
    gone = exchanges(limited, refused=False)[0]
    done = judge([event for event in limited if event is not gone])
    assert done.returncode == 1
    assert f"turn: the log says {gone['turn'] + 1}, but has not the 1 before it" in done.stdout


def test_what_is_lost_before_a_limit_is_no_disagreement(limited, judge):
    lossy = [{**event, "lost": 1} if event["event"] == "end" else event for event in limited]
    for gone in exchanges(limited, refused=False) + exchanges(limited, refused=True)[:3]:
        done = judge([event for event in lossy if event["seq"] != gone["seq"]], renumber=False)
        assert done.returncode == 4, done.stdout
    for kept in (len(limited) // 3, len(limited) // 2, len(limited) - 1):
        done = judge(limited[:kept])
        assert done.returncode == 4 and "the log is not whole" in done.stdout, done.stdout
