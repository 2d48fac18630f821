"""What `check` says to answers of all kinds; the small exercise here stands for any."""

import html
import re

import pytest
import torch

from course_lib.errors import CourseError
from course_lib.exercises import checking, progress, shown
from course_lib.exercises.checking import check, examine
from course_lib.exercises.exercise import Case, Exercise, Mistake
from course_lib.exercises.outcome import values_differ
from course_lib.exercises.shown import LOOKS, Shown


def share(x):
    """x (N,) → (N,), sums to 1"""
    return x / x.sum()


def _mean(x):
    return x / x.mean()


def _in_place(x):
    x /= x.sum()
    return x


def _detached(x):
    return x / x.sum().detach()


def _empty(x): ...


def _cases(draw):
    yield Case("ones", (torch.ones(4),), public=True)
    yield Case("random", (draw.uniform(5, low=0.5),))


SHARE = Exercise(
    "99",
    "core",
    "Shares",
    1,
    1,
    1,
    "Known case: ones.",
    share,
    ("one", "two"),
    _cases,
    (
        Mistake(_mean, "Sums to N.", "You divide by the mean."),
        Mistake(_in_place, "The input changes.", "You divide in place."),
        Mistake(_detached, "The gradient is off.", "Your sum is detached."),
    ),
    gradients=True,
)


def test_a_right_answer_passes_on_public_and_fresh_cases_in_other_guises():
    result = examine(SHARE, lambda x: x / torch.einsum("n->", x))
    assert result.status == "passed"
    assert (result.known, result.fresh) == (1, 4)  # random, float64, not contiguous, gradients


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (lambda x: x.sum(), "shape ()"),
        (lambda x: x.tolist(), "list, not a tensor"),
        (lambda x: (x / x.sum()).double() if x.dtype == torch.float32 else x, "dtype torch.float64"),
        (lambda x: x / x.sum() * float("nan"), "NaN"),
        (lambda x: x / 0.0 * 0, "NaN"),
        (lambda x: x[9], "raises IndexError"),
        (lambda x: print(end=""), "returns None"),
        (lambda x: x / x.sum() + (len(x) == 5), "numbers are off"),
    ],
)
def test_a_wrong_answer_is_told_what_is_wrong(answer, problem):
    result = examine(SHARE, answer)
    assert result.status == "failed"
    assert problem in str(result)


def test_an_error_is_told_with_its_line():
    def answer(x):
        y = x + 1
        return y[99]

    assert "(line 3 of answer)" in examine(SHARE, answer).problem


def test_who_mixes_dtypes_is_told_what_torch_means():
    result = examine(SHARE, lambda x: x * (1 / (torch.ones(len(x)) @ x)))
    assert result.case == "random, in float64"
    assert result.diagnosis.startswith("Here numbers are float64.")
    assert examine(SHARE, lambda x: x[9]).diagnosis == ""


def test_a_mistake_is_named_for_what_it_does_not_for_how_it_is_written():
    result = examine(SHARE, lambda x: x * len(x) / x.sum())
    assert result.diagnosis == "You divide by the mean."
    assert "x / x.sum()" not in str(result)


def test_fresh_cases_differ_from_try_to_try_and_come_back_with_their_seed():
    seen = []

    def answer(x):
        seen.append(x.clone())
        return x / x.sum()

    examine(SHARE, answer, seed=1), examine(SHARE, answer, seed=2), examine(SHARE, answer, seed=1)
    tries = [seen[at : at + 6] for at in (0, 6, 12)]  # two cases twice: the first call looks for an empty stub
    assert torch.equal(tries[0][2], tries[2][2])
    assert not torch.equal(tries[0][2], tries[1][2])


@pytest.mark.parametrize("body", ["...", "pass", '"""x (N,) → (N,)"""', '"""x"""\n    ...'])
def test_an_empty_body_is_not_attempted(body):
    namespace = {}
    exec(f"def share(x):\n    {body}", namespace)
    assert examine(SHARE, namespace["share"]).status == "not attempted"


def test_check_prints_and_remembers(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setattr(checking, "find_exercise", lambda name: SHARE)

    check(_empty)
    assert progress.statuses() == {}
    check(lambda x: x)
    assert progress.statuses() == {"share": "failed"}
    check(share)
    check(lambda x: x)
    assert progress.statuses() == {"share": "passed"}, "done stays done"
    assert "right, on the 1 case of the task and 4 fresh ones" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "mark", "told"),
    [
        (share, "✓", "99 core · share: right, on the 1 case of the task and 4 fresh ones."),
        (lambda x: x[9], "!", "raises IndexError"),
        (lambda x: print(end=""), "!", "returns None"),
        (lambda x: x / x.mean(), "!", "You divide by the mean."),
        (_empty, "–", "not attempted yet"),
    ],
)
def test_a_result_has_a_mark_of_its_own_and_the_same_words(answer, mark, told):
    result = examine(SHARE, answer, seed=0)
    one = Shown(result)
    page = one._repr_html_()
    assert repr(one) == str(result)
    assert f">{mark}</span>" in page
    assert LOOKS[result.status][1] in page
    words = html.unescape(re.sub(r"<[^>]*>", " ", page)).split(maxsplit=1)[1]
    assert words.split() == repr(one).split()
    assert told in repr(one)


def test_what_an_answer_says_is_not_taken_for_markup():
    def raises(x):
        raise ValueError("<script>alert(1)</script>")

    page = Shown(examine(SHARE, raises))._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_notebook_gets_the_tick_and_an_untouched_stub_stays_text(monkeypatch, tmp_path, capsys):
    displayed = []
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setattr(checking, "find_exercise", lambda name: SHARE)
    monkeypatch.setattr(shown, "_in_notebook", lambda: True)
    monkeypatch.setattr("IPython.display.display", displayed.append)
    check(_empty)
    assert displayed == []
    assert "not attempted yet" in capsys.readouterr().out
    check(share)
    (one,) = displayed
    assert "✓" in one._repr_html_()
    assert capsys.readouterr().out == ""


def test_an_unknown_name_is_told_the_near_ones():
    def conv_gru_stepp(x): ...

    with pytest.raises(CourseError, match="conv_gru_step"):
        check(conv_gru_stepp)


@pytest.mark.parametrize(
    ("got", "want", "problem"),
    [
        (1.0, 1, None),
        (torch.tensor(2.0), 2.0, None),
        (True, 1, "not a number"),
        (3, 2, "3 is not the right number"),
        ([1, 2], (1, 2), None),
        ([1], (1, 2), "1 entries, not 2"),
        (7, (1, 2), "not 2 values"),
        ((1, torch.ones(2)), (1, torch.zeros(2)), "entry 1: 2 of 2 numbers are off"),
        (torch.tensor([1, 2]), torch.tensor([1, 3]), "1 of 2 entries are wrong"),
        (torch.tensor([float("inf")]), torch.tensor([float("inf")]), None),
        (torch.tensor([1.0]), torch.tensor([float("inf")]), "off"),
        (torch.empty(0), torch.empty(0), None),
        ("a", "b", "'a' is not right"),
    ],
)
def test_values_are_compared_by_kind_shape_dtype_and_number(got, want, problem):
    found = values_differ(got, want, 1e-4)
    assert found is None if problem is None else problem in found
