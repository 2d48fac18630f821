"""Exercises of chapter 18: a map against a flat one, and the experiment of a group made flat."""

import torch

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def gain_over_flat(maps, m):
    """maps (N, G, h, w), each of sum 1;
    m (h, w), 0 … 1 and not all 0: the share of each cell that belongs to a thing

    → (N, G), each ≥ 0.
    """
    mass = (maps * m).sum((-2, -1))  # (N, G)
    return mass / m.mean()


def _mass_alone(maps, m):
    return (maps * m).sum((-2, -1))


def _divided_by_area(maps, m):
    return (maps * m).sum((-2, -1)) / m.sum()


def _cells_touched(maps, m):
    return (maps * m).sum((-2, -1)) / (m > 0).to(m).mean()


def _whole_cells_only(maps, m):
    return gain_over_flat(maps, (m >= 0.5).to(m))


def _cells_of_24(maps, m):
    return (maps * m).sum((-2, -1)) / (m.sum() / 576)


def random_maps(draw: Draw, N: int, G: int, h: int, w: int) -> torch.Tensor:
    """(N, G, h, w), each of sum 1."""
    return (2 * draw.normal(N, G, h * w)).softmax(-1).view(N, G, h, w)


def _gain_cases(draw: Draw):
    square = torch.zeros(24, 24)
    square[6:12, 8:18] = 1
    flat = torch.full((1, 1, 24, 24), 1 / 576)
    yield Case("a flat map", (flat, square), public=True)
    yield Case("two queries, a thing of whole cells, 24 × 24", (random_maps(draw, 2, 4, 24, 24), square), public=True)
    small = torch.zeros(5, 7)
    small[2:4, 3:5] = 1
    yield Case("another size", (random_maps(draw, 1, 2, 5, 7), small))
    yield Case("a thing that fills no cell", (random_maps(draw, 2, 1, 24, 24), 0.3 * square))
    yield Case("the thing is everywhere", (random_maps(draw, 2, 2, 4, 3), torch.ones(4, 3)))
    h = draw.integer(5, 8)
    yield Case("any shares", (random_maps(draw, 3, 2, h, 6), draw.uniform(h, 6)))


GAIN = Exercise(
    "18",
    "warm-up",
    "Is it more than a flat map has?",
    difficulty=1,
    importance=4,
    minutes=5,
    task="""That a map puts a third of its weight on the cat means little if the cat fills a third of the picture. Return
section 1's gain for each map,

$$ \\text{gain}(\\hat A, m) = \\frac{\\sum_p \\hat A(p)\\, m(p)}{\\frac{1}{hw} \\sum_p m(p)} $$

Known cases: a flat map, whose gain is 1 wherever the thing lies; maps of two queries over 24 × 24 cells.""",
    solution=gain_over_flat,
    hints=(
        "Numerator: a weighted mean of $m$ under the map. Denominator: the same under a flat map.",
        "$m$ is broadcast over all maps. Sum over the last two axes only.",
    ),
    cases=_gain_cases,
    mistakes=(
        Mistake(
            _mass_alone,
            "Large things get large numbers.",
            "That is the mass on the thing. What a flat map would put there is missing.",
        ),
        Mistake(
            _divided_by_area,
            "A flat map's gain is far below 1, and falls with the number of cells.",
            "Above and below, yours has a sum over cells, or a mean. A map sums to 1 already, so under it a sum is a mean; "
            "m alone does not.",
        ),
        Mistake(
            _cells_touched,
            "Right for things of whole cells.",
            "You count every cell that the thing touches as if it were full. A flat map's share is that of m itself.",
        ),
        Mistake(
            _whole_cells_only,
            "A small thing has no gain at all, or NaN.",
            "You round m to whole cells. A thing may fill a third of a cell, and count as a third.",
        ),
        Mistake(
            _cells_of_24,
            "Right for maps of 24 × 24.",
            "Your number of cells is 576, whatever the size. Take it from the map.",
        ),
    ),
)


def class_logits_with_flat(maps, F, weight, g):
    """maps (N, G, h, w), each of sum 1; F (C, h, w); g int, 0 … G − 1;
    weight (K, G·C): reads the joined vectors of a query, those of map 0 first

    → (N, K): class logits with map g of every query made flat.
    """
    h, w = maps.shape[-2:]
    changed = maps.clone()
    changed[:, g] = 1 / (h * w)
    z = torch.einsum("nghw,chw->ngc", changed, F)  # (N, G, C)
    return z.flatten(1) @ weight.T


def _as_it_is(maps, F, weight, g):
    return _read(maps, F, weight)


def _taken_out(maps, F, weight, g):
    return _read(_with(maps, g, 0.0), F, weight)


def _query_made_flat(maps, F, weight, g):
    changed = maps.clone()
    changed[g] = 1 / (maps.shape[-2] * maps.shape[-1])
    return _read(changed, F, weight)


def _only_that_map_left(maps, F, weight, g):
    flat = torch.full_like(maps, 1 / (maps.shape[-2] * maps.shape[-1]))
    flat[:, g] = maps[:, g]
    return _read(flat, F, weight)


def _one_in_each_cell(maps, F, weight, g):
    return _read(_with(maps, g, 1.0), F, weight)


def _cells_576(maps, F, weight, g):
    return _read(_with(maps, g, 1 / 576), F, weight)


def _channels_first(maps, F, weight, g):
    z = torch.einsum("nghw,chw->ncg", _with(maps, g, 1 / (maps.shape[-2] * maps.shape[-1])), F)
    return z.flatten(1) @ weight.T


def _mean_of_the_group(maps, F, weight, g):
    return _read(_with(maps, g, maps.mean((0, 1))), F, weight)


def _with(maps, g, value):
    changed = maps.clone()
    changed[:, g] = value
    return changed


def _read(maps, F, weight):
    return torch.einsum("nghw,chw->ngc", maps, F).flatten(1) @ weight.T


def _answer_arguments(draw: Draw, N: int, G: int, C: int, K: int, h: int, w: int, g: int) -> tuple:
    return random_maps(draw, N, G, h, w), draw.normal(C, h, w), draw.normal(K, G * C), g


def _flat_cases(draw: Draw):
    yield Case("two maps, the first flat, 24 × 24", _answer_arguments(draw, 3, 2, 4, 5, 24, 24, 0), public=True)
    yield Case("the last of four maps", _answer_arguments(draw, 2, 4, 3, 3, 6, 5, 3))
    yield Case("one map only", _answer_arguments(draw, 4, 1, 3, 2, 4, 4, 0))
    yield Case("any of them", _answer_arguments(draw, 3, 3, 4, 2, draw.integer(4, 7), 5, draw.integer(0, 2)))


FLAT = Exercise(
    "18",
    "core",
    "An experiment on one map",
    difficulty=2,
    importance=5,
    minutes=10,
    task="""A query is its $G$ maps, and all that the heads see of it is what these gather. So the question what map $g$ is
good for has an experiment: make it flat in all queries, leave everything else, and read the answer. With
$z_{n,g} = \\sum_p \\hat A_{g,n}(p)\\, F(p)$ and one linear layer $W$ for the head, return

$$ W\\, [z_{n,0},\\; \\dots,\\; z_{n,G-1}] $$

for every query, map $g$ being flat. Known case: three queries of two maps, the first flat, over 24 × 24 cells.""",
    solution=class_logits_with_flat,
    hints=(
        "Section 3 makes maps flat, chapter 13 gathers under them. A flat map is a map: what does it sum to?",
        "Edit a clone. One `torch.einsum` gathers under all maps; keep the group before the channels when you flatten.",
    ),
    cases=_flat_cases,
    mistakes=(
        Mistake(_as_it_is, "The answer of the untouched network.", "Nothing was made flat: the edit does not arrive."),
        Mistake(
            _taken_out,
            "Answers change more than they should.",
            "Your map is zero. The head then gets a vector that no map could give it; flat still gathers a mean.",
        ),
        Mistake(
            _query_made_flat,
            "One query has changed, the others have not.",
            "You made all maps of query g flat. It is map g of every query that is asked for.",
        ),
        Mistake(
            _only_that_map_left,
            "Roles exchanged.",
            "You made all others flat, and kept the one that was asked for.",
        ),
        Mistake(
            _one_in_each_cell,
            "Logits in the hundreds.",
            "Your flat map has a 1 in each cell. It should sum to 1, as maps do.",
        ),
        Mistake(
            _cells_576,
            "Right for maps of 24 × 24.",
            "Your flat map has 1/576 in each cell, whatever the size. With other sizes it does not sum to 1.",
        ),
        Mistake(
            _channels_first,
            "Right for one map, off for several.",
            "Your joined vector has a channel of all maps, then the next. The weights expect all channels of map 0 first.",
        ),
        Mistake(
            _mean_of_the_group,
            "A map that is smooth, and not flat.",
            "You put a mean of maps there. Where all look at the middle it does too; a flat map looks nowhere.",
        ),
    ),
)
EXERCISES = (GAIN, FLAT)
