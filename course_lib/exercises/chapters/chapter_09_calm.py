"""The stretch exercise of chapter 09: how much of the calm is less error, and how much the same error again."""

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def two_ways_to_calm(reset, kept, g):
    """reset, kept, two mattes with errors, and g, all (T, 1, H, W), T ≥ 2

    → less (), same (): their product is the flicker of kept, relative to reset.
    """
    errors = reset - g, kept - g

    def parts(e):
        m = e.square().mean((1, 2, 3))  # (T,)
        M = (m[1:] + m[:-1]).sum()
        change = (e[1:] - e[:-1]).square().mean((1, 2, 3)).sum()
        return M, change / M  # (), (): the second is 1 - ρ

    (M_reset, unlike_reset), (M_kept, unlike_kept) = map(parts, errors)
    return (M_kept / M_reset).sqrt(), (unlike_kept / unlike_reset).sqrt()


def _roles_swapped(reset, kept, g):
    return two_ways_to_calm(kept, reset, g)


def _not_rooted(reset, kept, g):
    return tuple(part.square() for part in two_ways_to_calm(reset, kept, g))


def _squares(p, g):
    e = p - g
    return e.square().mean((1, 2, 3)), (e[1:] - e[:-1]).square().mean((1, 2, 3))


def _whole_ratio(reset, kept, g):
    less, same = two_ways_to_calm(reset, kept, g)
    return less, less * same


def _mean_of_likeness(reset, kept, g):
    unlike = []
    for p in (reset, kept):
        m, change = _squares(p, g)
        unlike.append((change / (m[1:] + m[:-1])).mean())
    return two_ways_to_calm(reset, kept, g)[0], (unlike[1] / unlike[0]).sqrt()


def _ends_count_twice(reset, kept, g):
    (m_reset, d_reset), (m_kept, d_kept) = _squares(reset, g), _squares(kept, g)
    less = m_kept.sum() / m_reset.sum()
    return less.sqrt(), (d_kept.sum() / d_reset.sum() / less).sqrt()


def _absolute_errors(reset, kept, g):
    less, same = two_ways_to_calm(reset, kept, g)
    sums = [(p - g).abs().mean((1, 2, 3)) for p in (reset, kept)]
    ratio = (sums[1][1:] + sums[1][:-1]).sum() / (sums[0][1:] + sums[0][:-1]).sum()
    return ratio, less * same / ratio


def _mattes(draw: Draw, frames: int, height: int, width: int, share: float) -> tuple:
    """Errors that grow and fade; those of `kept` are smaller, and `share` of them the same in every frame."""
    g = draw.uniform(frames, 1, height, width)
    strength = draw.uniform(frames, 1, 1, 1, low=0.1, high=0.9)
    lasting = draw.normal(1, 1, height, width)
    mixed = share * lasting + (1 - share) * draw.normal(frames, 1, height, width)
    return g + strength * draw.normal(frames, 1, height, width), g + 0.3 * mixed, g


def _calm_cases(draw: Draw):
    reset, _, g = _mattes(draw, 4, 3, 5, 0.5)
    yield Case("half of the same error everywhere", (reset, (reset + g) / 2, g), public=True)
    yield Case("seven frames", _mattes(draw, 7, 5, 3, 0.6))
    yield Case("two frames", _mattes(draw, 2, 4, 4, 0.3))
    reset, _, g = _mattes(draw, 4, 4, 4, 0.5)
    yield Case("an error that stays", (reset, g + 0.3 * draw.normal(1, 1, 4, 4), g))
    yield Case("six frames, little likeness", _mattes(draw, 6, 4, 6, 0.2))


CALM = Exercise(
    "09",
    "stretch",
    "Less error, or the same again?",
    difficulty=4,
    importance=4,
    minutes=20,
    task="""Section 5 took dtSSD apart frame by frame. Do it for a whole clip, and for two mattes of it. With the sums
over all neighbouring frames

$$ \\begin{aligned}
M &= \\sum_{t \\ge 1} (m_t + m_{t-1}) , \\\\
D &= \\sum_{t \\ge 1} \\operatorname{mean} (e_t - e_{t-1})^2 = M\\, (1 - \\rho) ,
\\end{aligned} $$

which defines one $\\rho$ for the clip, the flicker $\\sqrt D$ of the matte with the state kept, relative to that with the
state reset, is a product of two factors: $\\sqrt{D_k / D_r} = \\text{less} \\cdot \\text{same}$, with
$\\text{less} = \\sqrt{M_k / M_r}$ for the size of the errors and $\\text{same}$ for how alike they are. Return both.

Known case: the kept matte has half of the other's error, everywhere and always. Then less is a half and same is 1.""",
    solution=two_ways_to_calm,
    hints=(
        "Compute M and D for one matte in a small function and call it twice.",
        "What is left of $D_k / D_r$ when you divide it by $M_k / M_r$? Mind how often the first and the last frame are in M.",
    ),
    cases=_calm_cases,
    mistakes=(
        Mistake(
            _roles_swapped,
            "Factors above 1 where the state calms.",
            "Your factors are those of reset relative to kept.",
        ),
        Mistake(
            _not_rooted,
            "Both factors are further from 1 than they should be.",
            "Your factors are of squares. The flicker is the root of D, and so is each factor a root.",
        ),
        Mistake(
            _whole_ratio,
            "less is right, same is too small.",
            "Your second factor is the whole ratio of flickers. The first one is in it already.",
        ),
        Mistake(
            _mean_of_likeness,
            "less is right, and the product misses the ratio of flickers.",
            "Your ρ is a mean over frames. Frames with little error then count as much as those with a lot.",
        ),
        Mistake(
            _ends_count_twice,
            "The product is right, the two factors are not, most of all in short clips.",
            "Your M is the sum over all frames. The first and the last one have a single neighbour, the others two.",
        ),
        Mistake(
            _absolute_errors,
            "The product is right, the two factors are not.",
            "You measure the size of the errors by MAD. dtSSD is made of squares.",
        ),
    ),
)
EXERCISES = (CALM,)
