"""Exercises of chapter 09: how alike errors are, and a memory that ends at a cut."""

import torch

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def likeness_of_errors(p, g):
    """p, g (T, 1, H, W), T ≥ 2 → ρ (T-1,), 1 where both frames are without error."""
    e = p - g
    m = e.square().mean((1, 2, 3))  # (T,)
    twice = 2 * (e[1:] * e[:-1]).mean((1, 2, 3))  # (T-1,)
    total = m[1:] + m[:-1]
    return torch.where(total > 0, twice / total, 1.0)


def _without_truth(p, g):
    return likeness_of_errors(p, torch.zeros_like(g))


def _cosine(p, g):
    e = p - g
    size = e.square().mean((1, 2, 3)).sqrt()
    both, product = size[1:] * size[:-1], (e[1:] * e[:-1]).mean((1, 2, 3))
    # Of one size, both ways agree, so only what differs in size gives it away.
    return torch.where(both > 0, product / both, likeness_of_errors(p, g))


def _centred(p, g):
    e = p - g
    return likeness_of_errors(e - e.mean((1, 2, 3), keepdim=True), torch.zeros_like(e))


def _own_size_only(p, g):
    e = p - g
    m = e[1:].square().mean((1, 2, 3))
    return torch.where(m > 0, (e[1:] * e[:-1]).mean((1, 2, 3)) / m, likeness_of_errors(p, g))


def _unlike_without_error(p, g):
    e = p - g
    m = e.square().mean((1, 2, 3))
    total = m[1:] + m[:-1]
    return torch.where(total > 0, likeness_of_errors(p, g), 0.0)


def _nothing_over_nothing(p, g):
    e = p - g
    m = e.square().mean((1, 2, 3))
    return 2 * (e[1:] * e[:-1]).mean((1, 2, 3)) / (m[1:] + m[:-1])


def _likeness_cases(draw: Draw):
    g = draw.uniform(3, 1, 4, 5)
    hole = torch.zeros(1, 1, 4, 5)
    hole[..., 1:3, 2:4] = 0.5
    hole[..., :2, :1] = -0.5
    yield Case("an error that stays", (g + hole, g), public=True)
    sign = torch.tensor([1.0, -1.0, 1.0]).view(3, 1, 1, 1)
    yield Case("an error that changes its sign", (g + sign * hole, g), public=True)
    yield Case("two frames, odd sides", (*draw.uniform(2, 2, 1, 5, 3),))
    right = draw.uniform(4, 1, 4, 4)
    ends = torch.tensor([1.0, 0.0, 0.0, 1.0]).view(4, 1, 1, 1)
    yield Case("two frames in the middle without error", (right + 0.25 * ends, right))
    yield Case("six frames", (*draw.uniform(2, 6, 1, 4, 6),))


LIKENESS = Exercise(
    "09",
    "warm-up",
    "The same error again?",
    difficulty=2,
    importance=4,
    minutes=7,
    task="""Return, for every frame but the first, how much its error is the error of the frame before (section 5):

$$ e_t = p_t - g_t , \\qquad m_t = \\operatorname{mean} e_t^2 , \\qquad
\\rho_t = \\frac{2 \\operatorname{mean}(e_t\\, e_{t-1})}{m_t + m_{t-1}} . $$

Where neither frame has an error nothing changes either: there $\\rho_t$ is 1.

Known cases: an error that stays, with $\\rho = 1$, and one that changes its sign from frame to frame, with $\\rho = -1$.""",
    solution=likeness_of_errors,
    hints=(
        "`e[1:]` and `e[:-1]` are the errors and those of the frame before. Means are over the pixels of a frame.",
        "Compute numerator and denominator, both (T-1,). `torch.where` chooses where the denominator is 0.",
    ),
    cases=_likeness_cases,
    mistakes=(
        Mistake(
            _without_truth,
            "High for any calm matte, right or wrong.",
            "You compare mattes, not their errors: the truth is not used.",
        ),
        Mistake(
            _cosine,
            "Right for errors of one size; an error that fades counts as the same again.",
            "You divide by the geometric mean of the two sizes. Then only shape counts, and a change of size is not seen.",
        ),
        Mistake(
            _centred,
            "An even haze counts for nothing.",
            "You subtract each frame's mean error, as a correlation does. A haze that stays is an error that stays.",
        ),
        Mistake(
            _own_size_only,
            "Right for errors of one size, above 1 where an error fades.",
            "You divide by the size of one of the two errors. Both frames have a say.",
        ),
        Mistake(
            _unlike_without_error,
            "A matte that is right gets 0.",
            "You give 0 where neither frame has an error. Nothing changes there, so they are alike.",
        ),
        Mistake(
            _nothing_over_nothing,
            "NaN for a matte that is right.",
            "Two frames without error give 0/0.",
        ),
    ),
)


def memory_with_resets(o, z, d, threshold):
    """o (T, C, H, W), z float, d (T-1,), threshold float; T ≥ 1 → h (T, C, H, W)."""
    h, states = o[0], [o[0]]
    for t in range(1, len(o)):
        cut = d[t - 1] > threshold
        h = o[t] if cut else (1 - z) * h + z * o[t]
        states.append(h)
    return torch.stack(states)


def _never(o, z, d, threshold):
    return memory_with_resets(o, z, d, float("inf"))


def _one_late(o, z, d, threshold):
    return memory_with_resets(o, z, torch.cat([torch.zeros_like(d[:1]), d[:-1]]), threshold)


def _first_cut_only(o, z, d, threshold):
    cuts = d > threshold
    return memory_with_resets(o, z, (cuts & (cuts.cumsum(0) == 1)).to(d), 0.5)


def _from_nothing(o, z, d, threshold):
    h, states = o[0], [o[0]]
    for t in range(1, len(o)):
        h = z * o[t] if d[t - 1] > threshold else (1 - z) * h + z * o[t]
        states.append(h)
    return torch.stack(states)


def _always_from_nothing(o, z, d, threshold):
    h, states = torch.zeros_like(o[0]), []
    for t in range(len(o)):
        past = torch.zeros_like(h) if t > 0 and d[t - 1] > threshold else h
        h = (1 - z) * past + z * o[t]
        states.append(h)
    return torch.stack(states)


def _old_memory_goes_on(o, z, d, threshold):
    cuts = torch.cat([torch.zeros_like(d[:1]), d])[: len(o)] > threshold
    return torch.where(cuts.view(-1, 1, 1, 1), o, _never(o, z, d, threshold)) if len(d) else o.clone()


def _memory_cases(draw: Draw):
    calm = torch.full((3,), 0.02)
    yield Case("one shot, z = 0.5", (draw.uniform(4, 1, 2, 3), 0.5, calm, 0.1), public=True)
    cut = torch.tensor([0.02, 0.03, 0.5, 0.02, 0.01])
    yield Case("a cut before frame 3, z = 0.25", (draw.uniform(6, 1, 2, 3), 0.25, cut, 0.1), public=True)
    spots = torch.tensor([0.02, 0.9, 0.05, 0.01, 0.6, 0.04, 0.03])
    yield Case("two cuts", (draw.uniform(8, 1, 3, 5), draw.number(0.1, 0.4), spots, 0.2))
    yield Case("one frame", (draw.uniform(1, 1, 3, 3), 0.3, torch.zeros(0), 0.1))
    yield Case("nothing but cuts", (draw.uniform(4, 1, 2, 2), 0.3, torch.ones(3), 0.1))
    several = torch.tensor([0.01, 0.02, 0.4, 0.03, 0.02, 0.9, 0.02, 0.01, 0.5, 0.02, 0.03])
    yield Case("four shots", (draw.uniform(12, 2, 3, 4), draw.number(0.1, 0.4), several, 0.2))


MEMORY = Exercise(
    "09",
    "core",
    "A memory that ends at a cut",
    difficulty=2,
    importance=5,
    minutes=10,
    task="""Let the leaky average of chapter 04 stand for the network's state: $h_0 = o_0$, and
$h_t = (1 - z)\\, h_{t-1} + z\\, o_t$. A detector has measured the distance from each frame to the next, `d[0]` from frame
0 to frame 1. Where it is above the threshold, the next frame opens a new shot. Return the memory after every frame, such
that each shot gives exactly what it would give alone (section 7).

Known cases: a single shot, and six frames with a cut before frame 3.""",
    solution=memory_with_resets,
    hints=(
        "How does a memory begin that has no past? It should begin in the same way behind each cut.",
        "Loop over frames 1 … T − 1. There is one distance less than frames: which entry of `d` lies before frame t?",
    ),
    cases=_memory_cases,
    mistakes=(
        Mistake(
            _never,
            "A ghost of the old shot fades slowly.",
            "Your memory is carried over every cut.",
        ),
        Mistake(
            _one_late,
            "The ghost lasts for one frame.",
            "You reset one frame late: the distance belongs to the frame behind the cut, not to the one after that.",
        ),
        Mistake(
            _first_cut_only,
            "The first cut is clean, later ones are not.",
            "You reset at one cut only. Any frame may be one.",
        ),
        Mistake(
            _from_nothing,
            "Each shot but the first fades in from black.",
            "Your memory starts from 0 behind a cut. Alone, a shot starts from its own first proposal.",
        ),
        Mistake(
            _always_from_nothing,
            "Every shot fades in from black, the first one too.",
            "Your memory starts from 0. It should start as the first proposal, at the beginning and behind each cut.",
        ),
        Mistake(
            _old_memory_goes_on,
            "The frame behind the cut is right, then the ghost is back.",
            "You show the new frame and keep the old memory: it has to be replaced, too.",
        ),
    ),
)
EXERCISES = (LIKENESS, MEMORY)
