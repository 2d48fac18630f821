"""The report on forks: its answers from numbers made by hand, and that a fork runs as it was trained."""

import json
from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

import course_lib.zoo
from course_lib.evaluation import fork_report
from course_lib.evaluation.evaluate import ClipResult
from course_lib.evaluation.fork_report import CONTROL, FILTERS, fork_method, measure, write_report
from course_lib.evaluation.methods import NamedMethod
from course_lib.evaluation.record import Benchmark, MethodRecord
from course_lib.evaluation.scenes import PlannedScene, TestScene
from course_lib.evaluation.sources import Source
from course_lib.training.forks import find_fork
from course_lib.training.run_folder import save_weights

METRICS = ("mad", "mse", "grad", "conn", "dtssd")


def made_of(**errors: dict[str, float]) -> Benchmark:
    """Each method's metrics: the number given, or 10, plus what each of four clips adds to all."""
    benchmark = Benchmark("scenes", (128, 128), 2, {})
    for method, changed in errors.items():
        name = method.replace("_", "-")
        benchmark.methods[name] = MethodRecord(name)
        for clip in range(4):
            values = {metric: np.full(2, changed.get(metric, 10.0) * (1 + clip)) for metric in METRICS}
            benchmark.add(name, ClipResult(str(clip), {"set": "a"}, values))
    return benchmark


def answers(folder) -> dict[str, bool | None]:
    stored = json.loads((folder / "changes.json").read_text())
    return {gate["from"]: gate["reached"] for gate in stored["gates"]}


def test_gates_answer_from_the_mean_change(tmp_path):
    forks = made_of(
        rvm_laptop_control={"dtssd": 8.4, "mad": 9.9},
        rvm_laptop_no_recurrence={},
        rvm_laptop_no_segmentation={"mad": 10.0, "dtssd": 8.4},
    )
    filters = made_of(bilinear_4x={}, fast_guided_filter_4x={"grad": 5.0}, deep_guided_filter_4x={"grad": 7.0})
    write_report(tmp_path, forks, filters)
    assert answers(tmp_path) == {
        "rvm-laptop-no-recurrence": True,  # −16 %
        "rvm-laptop-no-segmentation": True,
        "bilinear-4x": True,
        "fast-guided-filter-4x": False,
    }
    card = (tmp_path / "card.md").read_text("utf-8")
    assert "dtSSD -16.0 %" in card
    assert "not blind" in card
    assert "| rvm-laptop-no-recurrence | +1.0 % [+1.0, +1.0]" in card
    write_report(tmp_path, made_of(rvm_laptop_control={"dtssd": 8.6, "mad": 9.9}, rvm_laptop_no_recurrence={}), filters)
    assert answers(tmp_path)["rvm-laptop-no-recurrence"] is False  # −14 %: not by 15
    assert answers(tmp_path)["rvm-laptop-no-segmentation"] is None  # not there


def test_a_rise_that_may_be_chance_does_not_count_as_hurting(tmp_path):
    forks = made_of(rvm_laptop_control={}, rvm_laptop_no_segmentation={})
    filters = made_of(bilinear_4x={})
    clips = forks.methods[CONTROL].clips
    for clip, factor in zip(clips.values(), (0.5, 1.4, 0.6, 1.3), strict=True):
        clip.metrics["mad"][:] *= factor  # worse on average, better on two of four
    write_report(tmp_path, forks, filters)
    assert answers(tmp_path)["rvm-laptop-no-segmentation"] is True
    for clip in clips.values():
        clip.metrics["mad"][:] *= 3
    write_report(tmp_path, forks, filters)
    assert answers(tmp_path)["rvm-laptop-no-segmentation"] is False


class Remembers(nn.Module):
    """Alpha is how many frames it has seen since it forgot, in tenths."""

    segmentation_available = True

    def forward(self, frames, state=None, *, downsample_ratio=1):
        counts = torch.arange(1, 1 + frames.shape[1]) if frames.ndim == 5 else torch.ones(len(frames))
        alpha = (counts / 10 + (0 if state is None else state)).view(*frames.shape[:-3], 1, 1, 1)
        return frames, alpha.expand(*frames.shape[:-3], 1, *frames.shape[-2:]), counts[-1] / 10


@pytest.mark.parametrize(
    ("name", "last"), [(CONTROL, 0.3), ("rvm-laptop-no-recurrence", 0.1), ("rvm-laptop-convlstm", 0.3)]
)
def test_a_fork_runs_as_it_was_trained(monkeypatch, name, last):
    monkeypatch.setattr(course_lib.zoo, "load_model", lambda _: Remembers())
    answer = fork_method(find_fork(name)).build()(scene("x"))
    alpha = answer[1] if isinstance(answer, tuple) else answer
    assert float(alpha[-1].mean()) == pytest.approx(last)


def scene(name: str) -> TestScene:
    return TestScene(name, torch.rand(3, 3, 16, 16), torch.rand(3, 1, 16, 16).round(), groups={"set": "a"})


def test_measuring_goes_on_and_drops_what_is_asked_no_more(tmp_path):
    plan = [PlannedScene(name, "a", partial(scene, name)) for name in ("1", "2")]
    source = Source("puppets", "scenes", (16, 16), 3, "", plan)
    calls = []

    def method(name):
        def build():
            return lambda scene: calls.append((name, scene.name)) or scene.frames[:, :1]

        return NamedMethod(name, name, (), build)

    for name in ("old", "kept", "new"):
        save_weights(tmp_path / "results" / name / "weights.safetensors", {"x": torch.zeros(1)})
    place = {"folder": tmp_path / "record", "results": tmp_path / "results"}
    measure([method("old"), method("kept")], source, **place)
    calls.clear()
    benchmark, whole = measure([method("kept"), method("new")], source, **place)
    assert whole
    assert list(benchmark.methods) == ["kept", "new"]
    assert calls == [("new", "1"), ("new", "2")]
    calls.clear()
    save_weights(tmp_path / "results" / "kept" / "weights.safetensors", {"x": torch.ones(1)})
    measure([method("kept"), method("new")], source, **place)
    assert calls == [("kept", "1"), ("kept", "2")]  # trained anew
    calls.clear()
    (tmp_path / "results" / "kept" / "weights.safetensors").unlink()
    benchmark, _ = measure([method("kept"), method("new")], source, **place)
    assert set(benchmark.methods) == {"kept", "new"}  # weights that are not kept: their numbers are
    assert calls == []


def test_the_gates_ask_for_what_there_is():
    for gate in fork_report.GATES:
        for name in (gate.before, gate.after):
            assert name in FILTERS or find_fork(name)
