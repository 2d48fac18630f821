"""`course evaluate sparseinst`: what it refuses, each in one clear message before anything is written."""

# ruff: noqa: F811  (fixtures)
import json

import pytest
from typer.testing import CliRunner

from course_lib.cli.main import app
from course_lib.data.emoji_scenes import CLASS_NAMES
from course_lib.errors import CourseError
from tests.unit.prepared_finder import INSTANCES, Finder, elsewhere, folder, knows, stand_in  # noqa: F401
from tests.unit.test_evaluation_cli import evaluate
from tests.video_files import names_in


def test_a_class_that_the_network_does_not_know_and_pictures_of_nothing(folder, stand_in):
    stand_in(knows("dog"))
    with pytest.raises(CourseError, match=r"classes that the network does not know: cup\. It knows: dog"):
        evaluate(*INSTANCES, "--data", folder)
    stand_in(Finder())
    content = json.loads((folder / "instances_val.json").read_text())
    content["annotations"] = [one | {"iscrowd": 1} for one in content["annotations"]]
    (folder / "instances_val.json").write_text(json.dumps(content))
    with pytest.raises(CourseError, match="No object is annotated in the 3 pictures"):
        evaluate(*INSTANCES, "--data", folder)
    assert names_in(folder.parent) == {"photos"}


def test_a_folder_keeps_other_results(folder, stand_in, tmp_path, monkeypatch):
    stand_in(Finder())
    words = (*INSTANCES, "--data", folder, "-o", "out")
    evaluate(*words)
    evaluate(*words)  # the same again
    for changed in (("--clips", 1), ("--weights", "other")):
        with pytest.raises(
            CourseError, match=r"out holds other results: sparseinst-mobilenetv3-laptop, Pictures of photos"
        ):
            evaluate(*words, *changed)
    (tmp_path / "out" / "metrics.json").write_text('{"runs": {}}')
    with pytest.raises(CourseError, match=r"out holds other results\. Choose another --output"):
        evaluate(*words)
    (tmp_path / "out" / "metrics.json").unlink()
    with pytest.raises(CourseError, match="out holds other results"):  # table.md of something else
        evaluate(*words)
    (tmp_path / "file").write_text("mine")
    with pytest.raises(CourseError, match="file is a file, not a folder"):
        evaluate(*words[:-1], "file/new")
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(CourseError, match=r"new: .* cannot be written into"):
        evaluate(*words[:-1], "new")
    assert not (tmp_path / "new").exists()


def test_what_cannot_be_written_is_shown(folder, stand_in, monkeypatch):
    stand_in(Finder())

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    result = CliRunner().invoke(app, ["evaluate", *INSTANCES, "--data", str(folder), "-o", "out"])
    assert isinstance(result.exception, CourseError)
    assert "No space left" in str(result.exception)
    assert "Why AP50 is not 1" in result.output
    assert "Wrote" not in result.output
    assert not names_in(folder.parent / "out")


@pytest.mark.parametrize(
    ("fault", "message"),
    [(KeyboardInterrupt, "Interrupted. Nothing was written"), (ValueError("NaN"), "The network fails: NaN. Get its w")],
)
def test_what_ends_early_leaves_nothing(folder, stand_in, fault, message):
    network = stand_in(Finder())

    def fail(*_):
        raise fault

    network.predict = fail
    with pytest.raises(CourseError, match=message):
        evaluate(*INSTANCES, "--data", folder)
    assert names_in(folder.parent) == {"photos"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--frames", "2"), "Only mattes need --frames: sparseinst takes --data, --split"),
        (("--size", "64"), "Only mattes need --size"),
        (("--slow-clips", "0"), "Only mattes need --slow-clips"),
        (("--predictions", "mine"), "Only mattes need --predictions"),
        (("--downsample-ratio", "0"), "Only mattes need --downsample-ratio"),
        (("--resume", "--max-minutes", "3"), "Only mattes need --resume, --max-minutes"),
        (("--clips", "0"), "--clips 0: at least 1"),
        (
            ("--sets", "a,z"),
            "There is no set z of test pictures. There are: a, b, c, unseen-style, crowd, people, clip",
        ),
        (("--split", "val"), "--split val is for a folder of pictures: --data FOLDER"),
        (("--data", "."), r"\. holds no annotations of 'val'"),
        (("--data", ".", "--sets", "a,b"), "--sets a,b: the course's sets have no --data"),
        (("--data", "puppets"), "--data puppets: there is no such folder. Name one that is annotated as COCO is"),
        (("--device", "abacus"), "--device abacus is not available"),
    ],
)
def test_mistakes_get_one_clear_message(words, message, stand_in, tmp_path):
    stand_in(knows(*CLASS_NAMES))
    with pytest.raises(CourseError, match=message):
        evaluate("sparseinst", *words)
    assert not names_in(tmp_path)


def test_weights_of_another_kind_are_refused():
    with pytest.raises(CourseError, match="no model and no file nothing"):
        evaluate(*INSTANCES, "--weights", "nothing")
    with pytest.raises(CourseError, match="rvm-mobilenetv3-laptop makes mattes and finds no objects"):
        evaluate(*INSTANCES, "--weights", "rvm-mobilenetv3-laptop")


def test_the_methods_that_matte_have_no_split_and_keep_their_pictures(monkeypatch):
    with pytest.raises(CourseError, match="--split is for sparseinst"):
        evaluate("rvm", "--split", "val")
    with pytest.raises(CourseError, match=r"by itself. Write: course evaluate sparseinst"):
        evaluate("rvm,sparseinst")
    with pytest.raises(CourseError, match="What finds objects is sparseinst"):
        evaluate("sparsinst")

    def opened(data, *_):
        raise CourseError(f"opened {data}")

    monkeypatch.setattr("course_lib.evaluation.sources.open_data", opened)
    with pytest.raises(CourseError, match="opened puppets"):
        evaluate("rvm")
