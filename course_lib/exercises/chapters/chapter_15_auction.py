"""The stretch exercise of chapter 15: prices that rise by bidding."""

import torch

from course_lib.exercises.chapters.chapter_15 import table_by_hand
from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def auction_off(C, step, bids):
    """C (N, M) scores, N ≥ M, N ≥ 2; step float > 0; bids int: after so many, stop

    → held (M,) int64: the query of each object or -1; price (N,), dtype as C.
    """
    price = C.new_zeros(len(C))
    held = torch.full((C.shape[1],), -1)
    for _ in range(bids):
        waiting = (held < 0).nonzero()[:, 0]
        if len(waiting) == 0:
            break
        m = waiting[0]
        gain, query = (C[:, m] - price).topk(2)
        held[held == query[0]] = -1  # who had it has to bid again
        held[m] = query[0]
        price[query[0]] += gain[0] - gain[1] + step
    return held, price


def _no_step(C, step, bids):
    return auction_off(C, 0.0, bids)


def _former_holder_stays(C, step, bids):
    return _auction(C, bids, _fair(step), frees=False)


def _pays_all_its_gain(C, step, bids):
    def bid(C, price, m):
        gain, query = (C[:, m] - price).max(0)
        return query, gain + step

    return _auction(C, bids, bid)


def _price_replaced(C, step, bids):
    def bid(C, price, m):
        n, rise = _fair(step)(C, price, m)
        return n, rise - price[n]

    return _auction(C, bids, bid)


def _second_of_the_first_prices(C, step, bids):
    def bid(C, price, m):
        n = (C[:, m] - price).argmax()
        others = C[:, m].clone()
        others[n] = -torch.inf
        return n, C[n, m] - others.max() + step

    return _auction(C, bids, bid)


def _favourite_whatever_it_costs(C, step, bids):
    def bid(C, price, m):
        n = C[:, m].argmax()
        gain = C[:, m] - price
        others = gain.clone()
        others[n] = -torch.inf
        return n, gain[n] - others.max() + step

    return _auction(C, bids, bid)


def _last_one_bids(C, step, bids):
    return _auction(C, bids, _fair(step), first=-1)


def _fair(step):
    def bid(C, price, m):
        gain, query = (C[:, m] - price).topk(2)
        return query[0], gain[0] - gain[1] + step

    return bid


def _auction(C, bids, bid, frees=True, first=0):
    price, held = C.new_zeros(len(C)), torch.full((C.shape[1],), -1)
    for _ in range(bids):
        waiting = (held < 0).nonzero()[:, 0]
        if len(waiting) == 0:
            break
        m = waiting[first]
        n, rise = bid(C, price, m)
        if frees:
            held[held == n] = -1
        held[m] = n
        price[n] += rise
    return held, price


def _auction_cases(draw: Draw):
    yield Case("the table by hand, one bid", (table_by_hand(), 0.05, 1), public=True)
    yield Case("the table by hand, two bids", (table_by_hand(), 0.05, 2), public=True)
    yield Case("the table by hand, until all have one", (table_by_hand(), 0.05, 20))
    yield Case("one object", (draw.uniform(4, 1), 0.1, 5))
    yield Case("any sign, two queries", (draw.normal(2, 2), 0.05, 50))
    yield Case("more bids than are needed", (draw.uniform(7, 3), 0.05, 200))
    yield Case("stopped on the way", (draw.uniform(6, 5), 0.02, draw.integer(4, 9)))


AUCTION = Exercise(
    "15",
    "stretch",
    "The same prices, by auction",
    difficulty=3,
    importance=2,
    minutes=20,
    task="""Prices can also be found by bidding. All are 0 at first, and nobody holds anything. As long as objects are
without a query, the first of them ($m$ smallest) bids: it takes the query with the largest gain $C_{nm} - p_n$, from
whoever holds it, and raises its price until that gain is as large as the second largest one, and by `step` more. Stop
when all have a query, or after `bids` bids.

With $M$ objects the sum is within $M \\cdot$ `step` of the best: compare with your `gap_to_receipt`. Known cases: the chapter's
table, step 0.05, after one bid and after two (B has then robbed A).""",
    solution=auction_off,
    hints=(
        "Every bid is that of one object: a column of $C$, less all prices of this moment.",
        "`topk(2)` gives the two largest gains and their queries. Set the robbed object's entry back before you write the "
        "new one.",
    ),
    cases=_auction_cases,
    mistakes=(
        Mistake(
            _no_step,
            "With equal gains the bidding never ends.",
            "Your prices rise without the step. Objects that like two queries equally can rob each other for ever.",
        ),
        Mistake(
            _former_holder_stays,
            "Two objects hold the same query.",
            "Whoever held the query keeps it in your list. It has to become free again, and bid.",
        ),
        Mistake(
            _pays_all_its_gain,
            "Prices are far too high.",
            "Your bid spends all that the query gains. An object goes no further than to where the second is as good.",
        ),
        Mistake(
            _price_replaced,
            "The first bid on a query is right, the second makes it cheaper.",
            "A bid sets your price anew. It raises the price that the query has already.",
        ),
        Mistake(
            _second_of_the_first_prices,
            "The first bid is right, later rises are not.",
            "You compare scores with scores. Other queries have prices too: compare what is left after them.",
        ),
        Mistake(
            _favourite_whatever_it_costs,
            "Objects fight for one query although the next has become the better buy.",
            "You choose by score. The choice is made at the prices of the moment; that is what they are for.",
        ),
        Mistake(
            _last_one_bids,
            "A fair auction, in another order.",
            "The last object without a query bids first in yours. The result may suit as well, but the task says the first.",
        ),
    ),
)
EXERCISES = (AUCTION,)
