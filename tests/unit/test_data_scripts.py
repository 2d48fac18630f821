"""The scripts in data_scripts/ run alone, from any folder, and end with one message and an exit code."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "data_scripts"
SCRIPTS = sorted(path for path in FOLDER.glob("*.py") if not path.name.startswith("_"))


def run(script: str, *arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess:
    command = [sys.executable, str(FOLDER / script), *arguments]
    environment = {**os.environ, "PYTHONUTF8": "1", **environment}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, encoding="utf-8")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_help(script, tmp_path):
    done = run(script.name, "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith(f"usage: {script.name}")


def test_every_source_names_a_script_that_exists():
    from course_lib.data.clips import CARPHONE
    from course_lib.data.emoji_scenes.sprites import SOURCES
    from course_lib.data.images import SCIKIT_LEARN_PHOTOGRAPHS
    from course_lib.data.panoramas import PANORAMAS
    from course_lib.zoo.sources import RVM_TFJS

    sources = (CARPHONE, SCIKIT_LEARN_PHOTOGRAPHS, PANORAMAS, RVM_TFJS, *SOURCES.values())
    named = {source.command.split("/")[1] for source in sources}
    assert named == {path.name for path in SCRIPTS if path.name.startswith("get_")}


def test_the_clip_script_says_what_it_did(tmp_path):
    done = run("get_sample_clip.py", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "120 frames of 176×144" in done.stdout
    assert "Licence:" in done.stdout
    assert "Credit:" in done.stdout


def test_emoji_scenes_are_exported_as_a_folder_that_training_takes(tmp_path):
    from course_lib.data.coco_sets import training_sets

    command = ("export_emoji_scenes.py", "--out", "scenes", "--train", "4", "--val", "2", "--size", "64")
    done = run(*command, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Use it: course train sparseinst --data scenes" in done.stdout
    assert "CC-BY 4.0" in done.stdout
    train, validation = training_sets(tmp_path / "scenes")
    assert 1 <= len(train) <= 4
    assert len(validation) == 2
    assert validation[0].image.shape == (3, 64, 64)
    again = run(*command, cwd=tmp_path)
    assert again.returncode == 2
    assert again.stderr.startswith("scenes is there already and not an empty folder")
    few = run("export_emoji_scenes.py", "--out", "few", "--val", "0", cwd=tmp_path)
    assert few.returncode == 2
    assert few.stderr.startswith("--val 0: at least 1")
    assert not (tmp_path / "few").exists()


@pytest.mark.weights
def test_the_weights_script_converts_what_it_fetched(tmp_path):
    done = run("get_rvm_weights.py", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "every tensor converted (3,747,825 parameters)" in done.stdout
    assert "GPL-3.0" in done.stdout


def test_a_wrong_official_file_ends_with_one_message_and_exit_code_2(tmp_path):
    (tmp_path / "weights.pth").write_text("no weights")
    arguments = ("--source", "official", "--from", "weights.pth")
    done = run("get_rvm_weights.py", *arguments, cwd=tmp_path, COURSE_CACHE=str(tmp_path / "cache"))
    assert done.returncode == 2
    assert done.stderr.startswith("weights.pth cannot be read as weights")
    assert "Traceback" not in done.stderr


def test_official_needs_a_file(tmp_path):
    done = run("get_rvm_weights.py", "--source", "official", cwd=tmp_path)
    assert done.returncode == 2
    assert "--from FILE_OR_URL" in done.stderr
