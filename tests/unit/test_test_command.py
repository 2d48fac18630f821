"""`course test`: what it runs where there is no browser, and what its summary says."""

import importlib

import pytest
from typer.testing import CliRunner

from course_lib.cli.main import app

command = importlib.import_module("course_lib.cli.test")  # `course_lib.cli.main` has the function under this name
SKIPPED = "need a browser were skipped"


@pytest.fixture
def called(monkeypatch):
    """The processes that would have been started; all pass but ruff."""
    calls = []
    monkeypatch.delenv("COURSE_REQUIRE_BROWSER", raising=False)
    monkeypatch.setattr(command, "find_browser", lambda: None)
    monkeypatch.setattr(command, "_run", lambda call: calls.append(call[-1]) or call[0] != "ruff")
    return calls


@pytest.mark.parametrize("stage", ["widgets", "browser"])
def test_without_a_browser_the_stage_runs_and_the_summary_says_what_did_not(called, stage):
    result = CliRunner().invoke(app, ["test", stage])
    assert called == [f"tests/{stage}"]
    assert result.exit_code == 0
    assert SKIPPED in result.output.partition("summary")[2]


@pytest.mark.parametrize("reason", ["found", "required", "not needed"])
def test_nothing_is_said_where_none_was_skipped(called, monkeypatch, reason):
    if reason == "found":
        monkeypatch.setattr(command, "find_browser", lambda: "chromium")
    if reason == "required":  # then they fail
        monkeypatch.setenv("COURSE_REQUIRE_BROWSER", "1")
    result = CliRunner().invoke(app, ["test", "exercises" if reason == "not needed" else "widgets"])
    assert SKIPPED not in result.output


def test_all_stages_run_also_after_one_that_failed(called):
    result = CliRunner().invoke(app, ["test"])
    assert len(called) == sum(map(len, command.STAGES.values()))
    assert result.exit_code == 1
    assert "style      FAILED" in result.output
    assert "widgets    passed" in result.output
