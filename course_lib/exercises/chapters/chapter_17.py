"""The warm-up of chapter 17: what a display shows."""

import torch

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def display_quality(scores, right, G, cut):
    """scores (D,), any order; right (D,) bool: does it find an object;
    G int ≥ 1: how many objects there are; cut float

    → precision, recall and F1 of what is shown, 0 … 1.
    """
    shown = scores >= cut
    TP, k = int((right & shown).sum()), int(shown.sum())
    precision = TP / k if k > 0 else 0.0
    return precision, TP / G, 2 * TP / (k + G)


def _cut_itself_hidden(scores, right, G, cut):
    return _quality(right, scores > cut, G)


def _recall_of_all_found(scores, right, G, cut):
    return _quality(right, scores >= cut, int(right.sum()))


def _precision_over_all(scores, right, G, cut):
    _, recall, f1 = display_quality(scores, right, G, cut)
    return int((right & (scores >= cut)).sum()) / len(scores), recall, f1


def _plain_mean(scores, right, G, cut):
    precision, recall, _ = display_quality(scores, right, G, cut)
    return precision, recall, (precision + recall) / 2


def _precise_when_silent(scores, right, G, cut):
    precision, recall, f1 = display_quality(scores, right, G, cut)
    return precision if (scores >= cut).any() else 1.0, recall, f1


def _quality(right, shown, G):
    TP, k = int((right & shown).sum()), int(shown.sum())
    return TP / k if k > 0 else 0.0, TP / G, 2 * TP / (k + G)


def _display_cases(draw: Draw):
    scores, right = torch.tensor([0.9, 0.8, 0.6, 0.3, 0.2]), torch.tensor([1, 1, 0, 1, 0]).bool()
    yield Case("five detections, four objects, cut 0.5", (scores, right, 4, 0.5), public=True)
    yield Case("five detections, four objects, cut 0.1", (scores, right, 4, 0.1), public=True)
    eighths = torch.arange(1, 8).flip(0) / 8  # 0.5 is one of them, exactly
    yield Case("a score that is the cut", (eighths, torch.tensor([1, 0, 1, 1, 0, 1, 0]).bool(), 6, 0.5))
    yield Case("nothing is shown", (draw.uniform(4), torch.tensor([1, 0, 0, 1]).bool(), 3, 2.0))
    yield Case("no detections", (draw.uniform(0), torch.zeros(0, dtype=torch.bool), 3, 0.5))
    D, G = draw.integer(10, 15), draw.integer(16, 20)
    yield Case("any order", (draw.uniform(D), draw.uniform(D) < 0.6, G, draw.number(0.3, 0.6)))


DISPLAY = Exercise(
    "17",
    "warm-up",
    "What a viewer gets",
    difficulty=1,
    importance=3,
    minutes=5,
    task="""A demo shows the detections with a score of at least the cut $\\theta$ (section 7). With $k$ of them shown,
$\\mathrm{TP}$ of those right, and $G$ objects, return

$$ \\text{precision} = \\mathrm{TP}/k, \\qquad \\text{recall} = \\mathrm{TP}/G, \\qquad F_1 = 2\\,\\mathrm{TP}/(k + G) $$

as three numbers; let precision be 0 where nothing is shown. Known cases: five detections, four objects, with the cut 0.5
and with the cut 0.1.""",
    solution=display_quality,
    hints=(
        "Which of the three numbers knows about objects that no detection found, shown or not?",
        "A bool tensor says which are shown. Another `&` says which of these are right; the rest is counting.",
    ),
    cases=_display_cases,
    mistakes=(
        Mistake(
            _cut_itself_hidden,
            "One detection is missing, now and then.",
            "A detection whose score is exactly the cut is shown; yours hides it.",
        ),
        Mistake(
            _recall_of_all_found,
            "Recall reaches 1 although something was missed.",
            "Your recall is among what was found at all. Recall asks about all objects, also those that nobody found.",
        ),
        Mistake(
            _precision_over_all,
            "Precision hardly depends on the cut.",
            "Your precision divides by all detections. The viewer sees only those above the cut.",
        ),
        Mistake(
            _plain_mean,
            "F1 looks good where one of the two is bad.",
            "Your F1 is the arithmetic mean of precision and recall. It is the harmonic one.",
        ),
        Mistake(
            _precise_when_silent, "A silent demo gets full marks.", "Precision is 1 in yours where nothing is shown."
        ),
    ),
)
EXERCISES = (DISPLAY,)
