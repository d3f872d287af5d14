"""`panne origin`: the small origin on its own."""
import signal

import pytest
import requests


@pytest.fixture
def started(panne, tmp_path):
    def start(*options):
        return panne("origin", "--ready-file", tmp_path / "ready.json", *options)
    return start


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_answers_until_it_is_told_to_stop(started, number):
    origin = started("--listen", "http://127.0.0.1:0")
    assert requests.get(origin.url("origin") + "/status/418", timeout=5).status_code == 418
    assert origin.url() in origin.stdout and origin.stdout.endswith("ready\n")
    assert origin.stop(number) == 0


def test_it_is_silent_when_asked(started):
    origin = started("--quiet")
    assert origin.stop() == 0
    assert origin.stdout == origin.stderr == ""


def test_a_port_that_is_taken_is_a_broken_run(started, command):
    origin = started()
    refused = command("origin", "--listen", origin.url())
    assert refused.returncode == 3
    assert "in use" in refused.stderr


@pytest.mark.parametrize("options, said", [
    (["--listen", "https://127.0.0.1:0"], "no TLS"),
    (["--listen", "http://127.0.0.1:0", "--listen", "http://127.0.0.1:0"], "one place only"),
    (["--listen", "http://nowhere.test:80"], "nowhere.test"),
])
def test_wrong_usage_is_explained(command, options, said):
    refused = command("origin", *options)
    assert refused.returncode == 2
    assert said in refused.stderr
