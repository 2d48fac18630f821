"""`course evaluate` as somebody uses it for the first time: what it prints, what it writes, what it refuses."""

import json

import pytest
from typer.testing import CliRunner

from course_lib.cli.main import app
from course_lib.errors import CourseError
from course_lib.evaluation.methods import NamedMethod
from tests.unit.test_evaluation_folders import root, save  # noqa: F401

FILES = {"benchmark.json", "benchmark.csv", "frames.csv", "table.md"}


def evaluate(*words):
    """→ what is printed. Raises what the command raises."""
    result = CliRunner().invoke(app, ["evaluate", *map(str, words)], env={"COLUMNS": "100"})
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_a_baseline_on_puppets(tmp_path):
    words = ("background-difference", "--size", "32x24", "--frames", 2, "--clips", 2, "--sets", "a,b")
    printed = evaluate(*words, "-o", tmp_path)
    assert "4 clips of Puppets of the test split, moving camera, 32×24 pixels, 2 frames each." in printed
    assert "background-difference" in printed
    assert "dtSSD" in printed
    assert "clean plates are exact" in printed
    assert {path.name for path in tmp_path.iterdir()} == FILES
    stored = json.loads((tmp_path / "benchmark.json").read_text("utf-8"))
    assert stored["size"] == [24, 32]
    assert list(stored["methods"]["background-difference"]["clips"]) == ["a/1000", "a/1001", "b/2000", "b/2001"]


def test_methods_meet_in_one_folder_unless_the_scenes_differ(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ("--size", 32, "--frames", 2, "--clips", 1)
    evaluate("background-difference", *words)
    evaluate("grabcut", *words)
    (folder,) = (tmp_path / "evaluation").iterdir()
    assert folder.name == "puppets-32x32-2-frames"
    stored = json.loads((folder / "benchmark.json").read_text("utf-8"))
    assert list(stored["methods"]) == ["background-difference", "grabcut"]
    with pytest.raises(CourseError, match=r"holds results of other scenes \(frames: 2, now 3\)"):
        evaluate("grabcut", "--size", 32, "--frames", 3, "--clips", 1, "-o", folder)


def test_resume_keeps_what_is_there(tmp_path):
    words = ("background-difference", "--size", 32, "--frames", 2, "--sets", "a", "-o", tmp_path)
    evaluate(*words, "--clips", 1)
    evaluate(*words, "--clips", 2, "--resume")
    stored = json.loads((tmp_path / "benchmark.json").read_text("utf-8"))
    assert list(stored["methods"]["background-difference"]["clips"]) == ["a/1000", "a/1001"]


def test_all_names_what_it_leaves_out(tmp_path, monkeypatch):
    def missing():
        raise CourseError("The run is not recorded yet.")

    methods = [
        NamedMethod("ours", "", (), missing),
        NamedMethod("half", "", (), lambda: lambda scene: 0.5 * scene.alpha),
    ]
    monkeypatch.setattr("course_lib.evaluation.methods.all_methods", lambda: methods)
    printed = evaluate("all", "--size", 32, "--frames", 2, "--clips", 1, "-o", tmp_path)
    assert "Left out: ours. The run is not recorded yet." in printed
    assert list(json.loads((tmp_path / "benchmark.json").read_text("utf-8"))["methods"]) == ["half"]


def test_a_folder_and_predictions_for_it(root, tmp_path):  # noqa: F811
    printed = evaluate("background-difference", "--data", root, "-o", tmp_path / "one")
    assert "2 clips of Clips of truth, all frames." in printed
    mine = tmp_path / "mine"
    for clip in ("still/0000", "moving/0000"):
        for frame in range(3):
            save(mine / clip / "pha" / f"{frame:04d}.png", frame, grey=True)
    evaluate("--data", root, "--predictions", mine, "-o", tmp_path / "two")
    stored = json.loads((tmp_path / "two" / "benchmark.json").read_text("utf-8"))
    still = stored["methods"]["mine"]["clips"]["still/0000"]
    assert still["mad"] == 0  # the same random pictures as the truth; those of "moving" differ
    assert stored["methods"]["mine"]["clips"]["moving/0000"]["mad"] > 100
    with pytest.raises(CourseError, match="is the truth itself"):
        evaluate("--data", root, "--predictions", root)


@pytest.mark.weights
def test_the_person_is_never_shown_without_its_bias(tmp_path):
    printed = evaluate("rvm", "--data", "person", "--frames", 2, "--clips", 1, "-o", tmp_path)
    assert "Keep in mind: Alpha and foreground of this person were made by the published RVM" in printed
    assert "is favoured" in (tmp_path / "table.md").read_text("utf-8")
    assert "is favoured" in json.loads((tmp_path / "benchmark.json").read_text("utf-8"))["note"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "course evaluate rvm"),
        (("rmv",), r"no method rmv. There are: rvm, .*background-difference.*all takes every one"),
        (("rvm", "--predictions", "mine"), "not both"),
        (("--predictions", "mine"), "--data FOLDER"),
        (("--predictions", "nowhere", "--data", "."), "--predictions nowhere: there is no such folder"),
        (("rvm", "--data", "nowhere"), "--data nowhere: there is no such folder. Write puppets, person"),
        (("rvm", "--data", "tests", "--size", "64"), "--size is for puppets and person"),
        (("rvm", "--size", "big"), "--size big is not a size"),
        (("rvm", "--size", "8"), "at least 1 frame of 16×16"),
        (("rvm", "--frames", "0"), "--frames 0: at least 1"),
        (("rvm", "--clips", "0"), "--clips 0: at least 1"),
        (("rvm", "--sets", "z"), "There is no set z"),
        (("rvm", "--max-minutes", "0"), "--max-minutes 0: more than 0"),
        (("rvm", "--downsample-ratio", "2"), "--downsample-ratio 2: above 0 and at most 1"),
        (("rvm", "--downsample-ratio", "0"), "--downsample-ratio 0: above 0 and at most 1"),
        (("grabcut", "--downsample-ratio", "0.5"), "--downsample-ratio is for rvm alone"),
        (("all", "--weights", "mine.pth"), "--weights is for rvm alone"),
        (("rvm", "--device", "tpu"), "--device tpu: choose auto, cpu or cuda"),
        (
            ("rvm", "--weights", "nothing", "--clips", "1", "--size", "16", "--frames", "1"),
            "no model and no file nothing",
        ),
    ],
)
def test_mistakes_get_one_clear_message(words, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tests").mkdir()
    with pytest.raises(CourseError, match=message):
        evaluate(*words)
    assert not (tmp_path / "evaluation").exists()
