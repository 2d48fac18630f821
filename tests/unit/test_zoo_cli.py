"""`course models` prints every model with its state, and the command for what is missing."""

from course_lib.cli.models import models
from course_lib.zoo import list_models
from course_lib.zoo.models import CARDS


def test_the_table_names_every_model_and_how_to_get_it(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    monkeypatch.setattr("course_lib.training.run_folder.RESULTS", tmp_path)
    models()
    printed = capsys.readouterr().out
    for entry in list_models():
        assert not entry.present
        assert f"To get {entry.name}:\n  {entry.command}" in printed
        assert printed.count(f" {entry.name}") >= 2  # and in the table
        assert entry.command in printed


def test_the_published_weights_have_a_card_that_states_the_terms():
    card = (CARDS / "rvm-mobilenetv3-published.md").read_text("utf-8")
    assert "MIT" in card
    assert "GPL-3.0" in card
    assert "fetched" in card
    assert "not redistributed" in card
