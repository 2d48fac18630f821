"""Records: written, read and continued they are the same; the tables show what is in them."""

import csv
import json

import numpy as np
import pytest

from course_lib.errors import CourseError
from course_lib.evaluation import ClipResult
from course_lib.evaluation.benchmark import first_of_each_set, run_benchmark
from course_lib.evaluation.methods import NamedMethod, find_method
from course_lib.evaluation.record import Benchmark, MethodRecord, read_benchmark, write_benchmark
from course_lib.evaluation.scenes import PlannedScene
from tests.unit.test_evaluation_evaluate import half, scene

FILES = ("benchmark.json", "benchmark.csv", "frames.csv", "table.md")


def empty() -> Benchmark:
    return Benchmark("tiny scenes", (12, 16), 3, {"device": "CPU"}, "Mind this.")


def plan(*names):
    return [PlannedScene(name, name[0], lambda name=name: scene(name, colour=name[-1])) for name in names]


def constant(value):
    return NamedMethod(
        f"always {value}",
        f"Says {value}.",
        (),
        lambda: lambda scene: scene.alpha * 0 + value + scene.frames[:, :1] / 50,
    )


def test_a_record_comes_back_as_it_was_written(tmp_path):
    record = empty()
    run_benchmark(
        [constant(0.25), constant(0.5)], plan("a/1", "a/2", "b/1"), record, lambda r: write_benchmark(tmp_path, r)
    )
    stored = {name: (tmp_path / name).read_bytes() for name in FILES}
    again = read_benchmark(tmp_path)
    assert (again.data, again.size, again.frames, again.note) == ("tiny scenes", (12, 16), 3, "Mind this.")
    for name, method in record.methods.items():
        assert again.methods[name].evaluation.average() == method.evaluation.average()
        assert again.methods[name].evaluation.sets == ["a", "a", "b"]
    write_benchmark(tmp_path, again)
    assert {name: (tmp_path / name).read_bytes() for name in FILES} == stored


def test_a_record_that_was_interrupted_and_continued_is_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "course_lib.evaluation.evaluate.time.perf_counter", lambda: 0.0
    )  # seconds differ from run to run
    methods, scenes = [constant(0.25), constant(0.5)], plan("a/1", "a/2", "b/1")
    run_benchmark(methods, scenes, empty(), lambda r: write_benchmark(tmp_path / "once", r))

    def break_down():
        raise KeyboardInterrupt

    broken = [*scenes[:2], PlannedScene("b/1", "b", break_down)]
    with pytest.raises(KeyboardInterrupt):
        run_benchmark(methods, broken, empty(), lambda r: write_benchmark(tmp_path / "twice", r))
    partial = read_benchmark(tmp_path / "twice")
    assert {len(method.clips) for method in partial.methods.values()} == {2}
    never_again = [PlannedScene("a/1", "a", break_down), PlannedScene("a/2", "a", break_down), scenes[2]]
    run_benchmark(methods, never_again, partial, lambda r: write_benchmark(tmp_path / "twice", r), resume=True)
    for name in FILES:
        assert (tmp_path / "once" / name).read_bytes() == (tmp_path / "twice" / name).read_bytes()


def test_the_agreed_format(tmp_path):
    record = empty()
    run_benchmark([constant(0.25)], plan("a/1", "a/2"), record, lambda r: write_benchmark(tmp_path, r))
    stored = json.loads((tmp_path / "benchmark.json").read_text("utf-8"))
    assert (stored["data"], stored["size"], stored["machine"]) == ("tiny scenes", [12, 16], {"device": "CPU"})
    method = stored["methods"]["always 0.25"]
    assert (method["what"], method["needs"]) == ("Says 0.25.", [])
    mads = [method["clips"][name]["mad"] for name in ("a/1", "a/2")]
    assert method["clips"]["a/2"]["groups"] == {"set": "a", "colour": "2"}
    assert method["average"]["mad"]["mean"] == pytest.approx(np.mean(mads), rel=1e-5)
    assert method["average"]["mad"]["low"] <= method["average"]["mad"]["mean"] <= method["average"]["mad"]["high"]
    rows = list(csv.DictReader((tmp_path / "benchmark.csv").open(encoding="utf-8")))
    assert [float(row["mad"]) for row in rows] == pytest.approx(mads, rel=1e-4)
    table = (tmp_path / "table.md").read_text("utf-8")
    assert "Mind this." in table
    assert f"| always 0.25 | 2 | {np.mean(mads):.2f} [" in table
    assert f"| colour: 1 | {mads[0]:.2f} (1) |" in table
    assert "set: a" not in table  # all clips are of one set: no groups to compare


def test_without_resume_a_method_begins_anew_and_others_stay():
    record = empty()
    run_benchmark([constant(0.25), constant(0.5)], plan("a/1", "a/2"), record, lambda r: None)
    run_benchmark([constant(0.5)], plan("a/1"), record, lambda r: None)
    assert {name: list(method.clips) for name, method in record.methods.items()} == {
        "always 0.25": ["a/1", "a/2"],
        "always 0.5": ["a/1"],
    }


def test_what_cannot_run_is_left_out_of_many_and_an_error_alone():
    def missing():
        raise CourseError("its weights are not here")

    lost, needy = NamedMethod("lost", "", (), missing), NamedMethod("needy", "", ("clean plate",), lambda: half)
    bare = [PlannedScene("a/1", "a", lambda: _without_plate(scene("a/1")))]
    large = NamedMethod("large", "", (), lambda: half, smallest=512)
    outcome = run_benchmark([constant(0.5), lost, needy, large], bare, empty(), lambda r: None)
    assert outcome.finished
    assert outcome.left_out["lost"] == "its weights are not here"
    assert "needs a clean plate" in outcome.left_out["needy"]
    assert "512 pixels and more" in outcome.left_out["large"]
    with pytest.raises(CourseError, match="its weights are not here"):
        run_benchmark([lost], bare, empty(), lambda r: None)


def _without_plate(one):
    return type(one)(one.name, one.frames, one.alpha, one.foreground, None, one.groups)


def test_time_runs_out(tmp_path):
    outcome = run_benchmark([constant(0.5)], plan("a/1", "a/2"), empty(), lambda r: None, max_minutes=1e-9)
    assert not outcome.finished


def test_the_first_clips_of_each_set():
    scenes = plan("a/1", "a/2", "a/3", "b/1", "b/2", "c/1")
    assert [s.name for s in first_of_each_set(scenes, 2)] == ["a/1", "a/2", "b/1", "b/2", "c/1"]
    assert first_of_each_set(scenes, None) == scenes


def test_clips_without_a_subject_have_no_foreground_error(tmp_path):
    record = empty()
    record.methods["m"] = MethodRecord("")
    record.add("m", ClipResult("a/1", {"set": "a"}, {"mad": np.ones(2), "fgr_mse": np.full(2, np.nan)}))
    write_benchmark(tmp_path, record)
    again = read_benchmark(tmp_path).methods["m"].evaluation
    assert np.isnan(again.per_clip()["fgr_mse"]).all()
    assert json.loads((tmp_path / "benchmark.json").read_text())["methods"]["m"]["average"]["fgr_mse"]["mean"] is None


def test_a_damaged_record_is_named(tmp_path):
    assert read_benchmark(tmp_path) is None
    record = empty()
    run_benchmark([constant(0.5)], plan("a/1"), record, lambda r: write_benchmark(tmp_path, r))
    (tmp_path / "frames.csv").unlink()
    with pytest.raises(CourseError, match="damaged or incomplete"):
        read_benchmark(tmp_path)
    (tmp_path / "benchmark.json").write_text('{"data": ')
    with pytest.raises(CourseError, match="damaged"):
        read_benchmark(tmp_path)


def test_slow_methods_may_see_fewer_clips_and_the_table_says_so(tmp_path):
    slow = NamedMethod("slow", "", (), constant(0.5).build, slow=True)
    record = empty()
    scenes = plan("a/1", "a/2", "b/1")
    run_benchmark([constant(0.5), slow], scenes, record, lambda r: write_benchmark(tmp_path, r), slow_clips=1)
    assert list(record.methods["slow"].clips) == ["a/1", "b/1"]
    assert len(record.methods["always 0.5"].clips) == 3
    assert json.loads((tmp_path / "benchmark.json").read_text())["methods"]["slow"]["average"]["mad"]["clips"] == 2
    assert "Methods with fewer clips" in (tmp_path / "table.md").read_text("utf-8")


def test_methods_keep_the_size_that_the_table_says():
    assert find_method("bilinear-4x").smallest == 512
    assert find_method("rvm-published").smallest == 1
