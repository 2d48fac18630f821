"""What the first cell of a chapter checks and prints."""

import json
import subprocess
import sys

import pytest

import course_lib
from course_lib import chapters
from course_lib.errors import CourseError

MINOR = ".".join(course_lib.__version__.split(".")[:2])


@pytest.fixture
def records(tmp_path, monkeypatch):
    path = tmp_path / "chapters.json"
    monkeypatch.setattr(chapters, "RECORDS", path)
    monkeypatch.delenv("COURSE_PROFILE", raising=False)
    return path


def test_it_prints_version_profile_and_the_measured_time(records, capsys):
    records.write_text(json.dumps({"04": {"seconds": 41, "threads": 1, "cpu": "Some CPU"}}))
    chapters.open_chapter("04", version=MINOR)
    expected = f"course_lib {course_lib.__version__} · profile laptop\nChapter 04 · 41 s on 1 thread · Some CPU\n"
    assert capsys.readouterr().out == expected


def test_it_says_when_a_chapter_was_never_timed_and_what_times_it(records, capsys):
    chapters.open_chapter("04", version=MINOR)
    assert "course.py execute 04" in capsys.readouterr().out


def test_another_version_of_the_library_is_an_error_with_a_remedy(records):
    with pytest.raises(CourseError, match=r"course_lib 0\.0, but course_lib .* course\.py lab"):
        chapters.open_chapter("04", version="0.0")


def test_an_unknown_profile_is_an_error_that_lists_them(records, monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", "desktop")
    with pytest.raises(CourseError, match=r"'desktop'.*laptop, gpu"):
        chapters.open_chapter("04", version=MINOR)


def test_a_damaged_record_file_is_named(records):
    records.write_text("{")
    with pytest.raises(CourseError, match=r"chapters\.json"):
        chapters.open_chapter("04", version=MINOR)


def test_chapters_are_found_by_their_numbers(tmp_path):
    for name in ("01_b.ipynb", "00_a.ipynb", "index.md", "x_01.ipynb", "02_c.txt"):
        (tmp_path / name).touch()
    assert {number: path.name for number, path in chapters.chapter_paths(tmp_path).items()} == {
        "00": "00_a.ipynb",
        "01": "01_b.ipynb",
    }


def test_opening_a_chapter_does_not_wait_for_torch():
    code = f"import sys; from course_lib.chapters import open_chapter; open_chapter('00', version='{MINOR}'); "
    subprocess.run([sys.executable, "-c", code + "assert 'torch' not in sys.modules"], check=True)


def test_titles_are_those_of_the_chapters_without_their_numbers():
    titles = chapters.chapter_titles()
    assert list(titles) == list(chapters.chapter_paths())
    assert titles["04"] == "ConvGRU with an identity split"
