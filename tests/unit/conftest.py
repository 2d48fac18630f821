"""What the tests of training share."""

import pytest


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A results folder and a cache of the test's own, and one validation batch in place of eight."""
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("course_lib.training.loop.VALIDATION_BATCHES", 1)
    return tmp_path / "results"
