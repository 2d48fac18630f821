"""Exercises of chapter 03: the gate as an election, and what one vote counts."""

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def gate_of_frames(x, W2):
    """x (N, C, h, w): N frames; W2 (D, C) → gates (N, D), one per frame and channel."""
    return (x.mean(dim=(2, 3)) @ W2.T).sigmoid()


def _ballots_squashed(x, W2):
    return _votes(x, W2).sigmoid().mean(dim=(2, 3))


def _votes_summed(x, W2):
    return (x.sum(dim=(2, 3)) @ W2.T).sigmoid()


def _loudest_place(x, W2):
    return _votes(x, W2).amax(dim=(2, 3)).sigmoid()


def _channels_compete(x, W2):
    return (x.mean(dim=(2, 3)) @ W2.T).softmax(dim=1)


def _frames_averaged(x, W2):
    return gate_of_frames(x.mean(dim=0, keepdim=True).expand_as(x), W2)


def _votes(x, W2):
    return (x.flatten(2).mT @ W2.T).mT.unflatten(2, x.shape[2:])


def _gate_cases(draw: Draw):
    yield Case("one frame", (draw.normal(1, 4, 3, 5), draw.normal(3, 4)), public=True)
    yield Case("a single place", (draw.normal(1, 5, 1, 1), draw.normal(2, 5)))
    yield Case("two frames, all features 0", (0 * draw.normal(2, 3, 2, 4), draw.normal(6, 3)))
    yield Case("three frames", (draw.normal(3, 6, 4, 3), draw.normal(5, 6)))


GATE = Exercise(
    "03",
    "warm-up",
    "The gates of some frames",
    difficulty=1,
    importance=4,
    minutes=5,
    task="""Write the gate of section 2 for several frames at once, without a convolution:

$$ g = \\sigma\\big(W_2\\,\\bar x\\big), \\qquad \\bar x = \\frac{1}{hw} \\sum_p x(p) . $$

Known case: one frame of 3×5 places.""",
    solution=gate_of_frames,
    hints=(
        "Over which axes of `x` do the places run? The frames are no part of that election.",
        "Mean first: (N, C). Then one product with a matrix, and which of its two axes has to be C?",
    ),
    cases=_gate_cases,
    mistakes=(
        Mistake(
            _ballots_squashed,
            "Gates that shy away from 0 and 1.",
            "You squash each vote before the count. A loud place may outvote many: average first.",
        ),
        Mistake(
            _votes_summed,
            "Nearly every gate is 0 or 1, the more so in large frames.",
            "You add the votes up. A mean does not care how many places a frame has.",
        ),
        Mistake(
            _loudest_place,
            "Gates are too far open.",
            "The loudest place decides alone. In the chapter's election every place counts.",
        ),
        Mistake(
            _channels_compete,
            "The gates of a frame add up to 1.",
            "Your channels compete. A gate opens or shuts its channel whatever the others do.",
        ),
        Mistake(
            _frames_averaged,
            "All frames have the same gates.",
            "You average over the frames as well. The mean is taken per frame, never over time.",
        ),
    ),
    gradients=True,
)


def gates_without_each(votes):
    """votes (N, D, h, w), at least two places → (N, D, h, w)

    At place p: the gate of its frame if p had not voted.
    """
    places = votes.shape[2] * votes.shape[3]
    total = votes.sum(dim=(2, 3), keepdim=True)
    return ((total - votes) / (places - 1)).sigmoid()


def _blank_vote(votes):
    places = votes.shape[2] * votes.shape[3]
    return ((votes.sum(dim=(2, 3), keepdim=True) - votes) / places).sigmoid()


def _ballots_squashed_first(votes):
    places = votes.shape[2] * votes.shape[3]
    squashed = votes.sigmoid()
    return (squashed.sum(dim=(2, 3), keepdim=True) - squashed) / (places - 1)


def _only_its_own_vote(votes):
    return votes.sigmoid()


def _nobody_left_out(votes):
    return votes.mean(dim=(2, 3), keepdim=True).sigmoid().expand_as(votes).clone()


def _square_frames_only(votes):
    places = votes.shape[2] ** 2
    return ((votes.sum(dim=(2, 3), keepdim=True) - votes) / (places - 1)).sigmoid()


def _all_frames_vote(votes):
    places = votes[:, 0].numel()
    return ((votes.sum(dim=(0, 2, 3), keepdim=True) - votes) / (places - 1)).sigmoid()


def _without_cases(draw: Draw):
    yield Case("one frame of 4×4 places", (draw.normal(1, 3, 4, 4),), public=True)
    yield Case("two places", (draw.normal(1, 2, 1, 2),))
    yield Case("all votes equal", (draw.normal(1, 4, 1, 1).repeat(1, 1, 3, 2),))
    yield Case("two frames of 3×5 places", (2 * draw.normal(2, 4, 3, 5),))


WITHOUT = Exercise(
    "03",
    "core",
    "What one vote counts",
    difficulty=2,
    importance=4,
    minutes=10,
    task="""Who decides the gate? Section 2 looked at how loud a vote is. Ask more directly: what would the gate be if
place $p$ had *not voted*, so that only the $hw - 1$ others were counted? Return that for every place at once, without
a loop:

$$ g_{-p} = \\sigma\\Big( \\operatorname*{mean}_{q \\ne p} v(q) \\Big) . $$

(The chapter's `votes` go straight in. Where the result differs most from `g`, somebody important has stayed at home.)

Known case: one frame of 4×4 places.""",
    solution=gates_without_each,
    hints=(
        "All places share one sum. How does the sum of the others follow from it?",
        "Staying at home is not the same as voting 0: mind how many votes are counted.",
    ),
    cases=_without_cases,
    mistakes=(
        Mistake(
            _blank_vote,
            "Close, and always a little too near to ½.",
            "Your place votes 0 and is still counted. Who does not vote is not counted.",
        ),
        Mistake(
            _ballots_squashed_first,
            "Gates that shy away from 0 and 1.",
            "You squash each vote and average afterwards. The sigmoid comes behind the count.",
        ),
        Mistake(
            _only_its_own_vote,
            "The gates look like the map of votes.",
            "This is the gate if only p voted. The question is the opposite one.",
        ),
        Mistake(
            _nobody_left_out,
            "The same value at every place.",
            "All places are counted everywhere: nobody stays at home.",
        ),
        Mistake(
            _square_frames_only,
            "Right on square maps only.",
            "Your number of places is that of a square. A frame has h times w.",
        ),
        Mistake(
            _all_frames_vote,
            "Right for one frame, wrong for several.",
            "Places of all frames vote together. Each frame holds its own election.",
        ),
    ),
)
EXERCISES = (GATE, WITHOUT)
