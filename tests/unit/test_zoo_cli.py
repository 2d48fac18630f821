"""`course models` prints every model with its state, and the command for what is missing."""

from course_lib.cli.models import models
from course_lib.zoo import list_models
from course_lib.zoo.models import CARDS


def test_the_table_names_every_model_and_how_to_get_it(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    monkeypatch.setattr("course_lib.training.run_folder.RESULTS", tmp_path)
    monkeypatch.setenv("COLUMNS", "200")  # wide: nothing is wrapped
    models()
    printed = capsys.readouterr().out
    for entry in list_models():
        assert not entry.present
        paragraph = printed.split(f"\n{entry.name}: not here")[1].split("\n\n")[0]
        assert f"\n    {entry.command}" in paragraph
        assert entry.licence in paragraph
    monkeypatch.setenv("COLUMNS", "60")
    models()
    text = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  ") and line[2] != " "]
    assert max(map(len, text)) <= 60


def test_the_published_weights_have_a_card_that_states_the_terms():
    card = (CARDS / "rvm-mobilenetv3-published.md").read_text("utf-8")
    assert "MIT" in card
    assert "GPL-3.0" in card
    assert "fetched" in card
    assert "not redistributed" in card
