"""Random numbers by address: every sample's seed is a function of (run's seed, stream, sample's number), and of nothing else.

So the position of a loader is a step number: whoever resumes at step k makes the same batches as one who never stopped, with
any number of workers and processes.
"""

from dataclasses import dataclass

import numpy as np
from torch import Generator

STREAMS = (
    "low",
    "high",
    "segmentation clips",
    "segmentation stills",
    "crops of low",
    "crops of high",
    "crops of segmentation",
    "plates",
    "scene sides",
    "scenes",
    "pictures",
    "picture augmentation",
    "pictures of one thing",
)


@dataclass(frozen=True)
class Seeds:
    """Of one sample: person, background, composition and all further draws."""

    puppet: int
    background: int
    composition: int
    draws: int

    def generator(self) -> Generator:
        """A fresh generator for the draws."""
        return Generator().manual_seed(self.draws)


def seeds(seed: int, stream: str, number: int) -> Seeds:
    """The seeds at one address, below 2^30 each: what puppets, backgrounds and torch all accept."""
    state = np.random.SeedSequence([seed, STREAMS.index(stream), number]).generate_state(4)
    return Seeds(*(int(value) >> 2 for value in state))
