"""How often checks are wrong, over 10,000 runs of each client: the unit tests' own simulations, at
length."""

import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("PANNE_BUILD", "build") / "tests" / "unit"


@pytest.mark.long
@pytest.mark.parametrize(
    "program",
    [
        "checks_load_test",
        "checks_pace_runs_test",
        "checks_recovery_runs_test",
        "verdict_runs_test",
    ],
)
def test_ten_thousand_runs_keep_within_the_errors_that_are_promised(program):
    done = subprocess.run(
        [BUILD / program], env={**os.environ, "PANNE_LONG": "1"}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.long
def test_ten_million_requests_of_all_sorts_stay_small():
    done = subprocess.run(
        [BUILD / "scale_test"], env={**os.environ, "PANNE_LONG": "1"}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
