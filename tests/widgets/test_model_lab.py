"""The lab's engine on a small clip: cache, metrics, names, reports."""

import matplotlib.figure
import pytest
import torch
from torch import nn

from course_lib.errors import CourseError
from course_lib.evaluation import matting_metrics
from course_lib.exercises.catalogue import find_exercise
from course_lib.matting import ConvGRU, RobustVideoMatting
from course_lib.widgets.model_lab import (
    Contestant,
    LabClip,
    compare,
    contestant_names,
    find_clip,
    find_contestant,
    kept,
)
from course_lib.widgets.model_lab import contestants as contestants_module
from course_lib.widgets.model_lab.contestants import own, with_step
from course_lib.widgets.model_lab.results import flicker, result_of
from course_lib.widgets.model_lab.view import Lab


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))


def clip(truth=True):
    generator = torch.Generator().manual_seed(0)
    frames = torch.rand(4, 3, 24, 32, generator=generator)
    return LabClip("small", frames, (frames.mean(1, keepdim=True) > 0.5).float() if truth else None, "made up")


def contestant(name, value, key=None, calls=None):
    def build():
        def run(frames):
            if calls is not None:
                calls.append(name)
            return frames, torch.full_like(frames[:, :1], value)

        return run

    return Contestant(name, f"always {value}", build, key)


def test_a_result_is_computed_once_and_kept_in_8_bits_with_exact_numbers():
    calls, small = [], clip()
    first = result_of(contestant("half", 0.3, "half", calls), small)
    again = result_of(contestant("half", 0.3, "half", calls), small)
    assert calls == ["half"]
    for name, values in matting_metrics(torch.full_like(small.alpha, 0.3), small.alpha).items():
        torch.testing.assert_close(torch.as_tensor(again.metrics[name]), torch.as_tensor(values))
    torch.testing.assert_close(again.alpha, first.alpha, rtol=0, atol=0.5 / 255)


def test_another_key_another_clip_or_no_key_is_computed_anew():
    calls, small = [], clip()
    result_of(contestant("half", 0.5, "one", calls), small)
    result_of(contestant("half", 0.5, "two", calls), small)
    result_of(contestant("half", 0.5, None, calls), small)
    result_of(contestant("half", 0.5, None, calls), small)
    result_of(contestant("half", 0.5, "one", calls), LabClip("other", small.frames.flip(0), small.alpha))
    assert len(calls) == 5


def test_a_damaged_file_in_the_cache_is_made_again(tmp_path):
    calls, small = [], clip()
    result_of(contestant("half", 0.5, "one", calls), small)
    for path in (tmp_path / "cache" / "lab").iterdir():
        path.write_bytes(b"damaged")
    result_of(contestant("half", 0.5, "one", calls), small)
    assert len(calls) == 2


def test_flicker_is_change_where_the_picture_stands_still():
    frames = torch.zeros(3, 3, 2, 2)
    frames[2, :, 0] = 1  # the upper half moves in the last step
    alpha = torch.zeros(3, 1, 2, 2)
    alpha[1:] = 0.2
    alpha[2, :, 0] = 0.9
    assert flicker(frames, alpha).tolist() == pytest.approx([0, 51, 0])


@pytest.mark.parametrize("truth", [True, False])
def test_two_are_compared_in_numbers_figure_and_files(truth, tmp_path):
    comparison = compare(contestant("black", 0.0), contestant("white", 1.0), clip(truth))
    names = [row[0] for row in comparison.table()]
    assert ("MAD ×1000" in names) is truth
    assert names[-1] == "flicker /255"
    if truth:
        alpha = clip().alpha
        assert comparison.table()[0][1:] == pytest.approx((1000 * float(alpha.mean()), 1000 * float(1 - alpha.mean())))
    assert isinstance(comparison.figure(), matplotlib.figure.Figure)
    assert comparison.save(tmp_path / "report.png").read_bytes().startswith(b"\x89PNG")
    page = comparison.save(tmp_path / "report.html").read_text()
    assert "made up" in page
    assert "http" not in page.replace("http-equiv", "")
    with pytest.raises(CourseError, match="png"):
        comparison.save(tmp_path / "report.doc")
    assert "black" in str(comparison)


def test_unknown_names_are_told_what_there_is():
    with pytest.raises(CourseError, match="state reset"):
        find_contestant("nobody")
    with pytest.raises(CourseError, match="carphone"):
        find_clip("nowhere.mp4")


def test_a_readers_network_and_step_are_contestants(monkeypatch):
    torch.manual_seed(0)
    network = RobustVideoMatting().eval()
    monkeypatch.setattr(contestants_module, "load", lambda name: network)
    frames = torch.rand(3, 3, 32, 32)
    with torch.no_grad():
        alpha = network(frames[None])[1][0]
    torch.testing.assert_close(own(network).build()(frames)[1], alpha)
    right = with_step(find_exercise("conv_gru_step").solution)
    torch.testing.assert_close(right.build()(frames)[1], alpha, rtol=1e-4, atol=1e-5)

    def frozen(x, h, *weights):
        return h

    assert not torch.allclose(with_step(frozen).build()(frames)[1], alpha, atol=1e-4)
    assert all("step" not in vars(m) for m in network.modules() if isinstance(m, ConvGRU)), (
        "the loaded one is untouched"
    )
    assert isinstance(find_contestant(nn.Identity()), Contestant)


def test_wrong_answers_of_the_exercise_are_among_the_contestants():
    names = contestant_names()
    assert "wrong step: z swapped" in names
    assert "state reset" in names


def test_an_edited_module_is_not_answered_from_the_cache(monkeypatch):
    calls, small = [], clip()
    result_of(contestant("half", 0.5, "one", calls), small)
    monkeypatch.setattr(kept, "code", lambda: "edited")
    result_of(contestant("half", 0.5, "one", calls), small)
    assert len(calls) == 2


def test_the_view_computes_what_is_asked_for_and_tells_errors():
    def broken():
        raise CourseError("no weights here")

    failing = Contestant("failing", "never there", broken)
    view = Lab([contestant("black", 0.0), contestant("white", 1.0), failing], [clip()], [0, 1, 0]).wait()
    assert view.data["request"] == [0, 1, 0]
    before = view.data["table"]
    view.request = [1, 0, 0]
    assert view.wait().data["request"] == [1, 0, 0]
    assert view.data["table"] == [[name, b, a] for name, a, b in before]
    view.request = [0, 2, 0]
    assert view.wait().status == "Error: no weights here"
    assert view.data["request"] == [1, 0, 0], "what was shown stays"
