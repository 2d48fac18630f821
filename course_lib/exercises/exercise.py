"""What an exercise is: a task, a solution, cases to try an answer on, and the wrong answers that people give.

The reader writes a function. Its name, signature and docstring are those of `solution`; the chapter shows them with an empty
body. A wrong answer (`Mistake`) is code too: an answer that does what the mistake does gets the mistake's message.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Generator, Tensor

Level = Literal["warm-up", "core", "stretch"]
LEVELS: tuple[Level, ...] = ("warm-up", "core", "stretch")


@dataclass(frozen=True)
class Case:
    """Arguments for one call. The reader is told the label of a case that fails; public cases are named in the task."""

    label: str
    arguments: tuple
    public: bool = False


@dataclass(frozen=True)
class Mistake:
    """A wrong answer with the right shape and dtype.

    symptom: what its author sees, for the chapter's help. message: what is wrong with it, without the right line of code.
    """

    answer: Callable
    symptom: str
    message: str


class Draw:
    """Random arguments. The same seed draws the same ones."""

    def __init__(self, seed: int) -> None:
        self.generator = Generator().manual_seed(seed)

    def normal(self, *shape: int) -> Tensor:
        return torch.randn(shape, generator=self.generator)

    def uniform(self, *shape: int, low: float = 0.0, high: float = 1.0) -> Tensor:
        return low + (high - low) * torch.rand(shape, generator=self.generator)

    def integers(self, *shape: int, low: int, high: int) -> Tensor:
        """Whole numbers from `low` to `high`, both included."""
        return torch.randint(low, high + 1, shape, generator=self.generator)

    def integer(self, low: int, high: int) -> int:
        """One of them."""
        return int(self.integers(low=low, high=high))

    def number(self, low: float = 0.0, high: float = 1.0) -> float:
        return float(self.uniform(low=low, high=high))


@dataclass(frozen=True)
class Exercise:
    """One task of a chapter.

    difficulty, importance: 1 to 5. minutes: for a reader who has just read the chapter.
    task: Markdown, may hold formulas. hints: the first says where to look, the second how to begin.
    cases: random arguments → calls; the first ones public. Unless `tensors` is False, the last case is tried again in
    float64 and with tensors that are not contiguous.
    gradients: the derivative by every floating-point argument has to be right as well.
    """

    chapter: str
    level: Level
    title: str
    difficulty: int
    importance: int
    minutes: int
    task: str
    solution: Callable
    hints: tuple[str, str]
    cases: Callable[[Draw], Iterable[Case]]
    mistakes: tuple[Mistake, ...]
    tensors: bool = True
    gradients: bool = False
    tolerance: float = 1e-4

    @property
    def name(self) -> str:
        return self.solution.__name__
