"""The decision whether a clock is good enough."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from config import clock
from config.clock import judge_clock


@pytest.mark.parametrize("ahead", [-61.0, 61.0, 7200.0])
def test_a_clock_more_than_a_minute_off_stops_the_start(ahead: float) -> None:
    assert judge_clock(ahead, synchronised=True)[0] is False


@pytest.mark.parametrize("ahead", [-59.0, 0.0, 59.0])
def test_a_clock_within_a_minute_starts_in_silence(ahead: float) -> None:
    assert judge_clock(ahead, synchronised=True) == (True, "")


def test_the_refusal_says_which_way_the_clock_is_off() -> None:
    assert "90 seconds behind the database's" in judge_clock(-90.0, synchronised=None)[1]


def test_a_clock_that_nobody_synchronises_is_only_a_warning() -> None:
    good, sentence = judge_clock(0.0, synchronised=False)
    assert good
    assert "NTP" in sentence


def test_a_system_that_cannot_tell_is_not_complained_about() -> None:
    assert judge_clock(0.0, synchronised=None) == (True, "")


def test_without_systemd_the_kernel_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container there is no timedatectl, and the embedded database has this machine's own clock."""
    monkeypatch.setattr(clock.shutil, "which", lambda name: None)
    assert clock._is_synchronised() in {True, False}
    answers = {0: True, 5: False, -1: None}
    for state, expected in answers.items():
        library = SimpleNamespace(adjtimex=lambda buffer, state=state: state)
        monkeypatch.setattr(clock.ctypes, "CDLL", lambda name, library=library: library)
        assert clock._is_synchronised() is expected
