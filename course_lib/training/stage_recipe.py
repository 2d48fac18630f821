"""What every recipe says: how long, how precisely, and how often the loop writes something down."""

from dataclasses import dataclass
from typing import Literal

Profile = Literal["laptop", "gpu"]
Precision = Literal["no", "bf16", "fp16"]


@dataclass(frozen=True, kw_only=True)
class StageRecipe:
    """Of one stage of training. With what a network adds (`recipes`, `instance_recipes`) it decides the numbers."""

    profile: Profile
    stage: int
    steps: int
    precision: Precision = "bf16"
    # batches from which batch-norm statistics are measured before the network is judged or stored
    recalibration: int = 0
    log_every: int = 20
    checkpoint_every: int = 500
    validate_every: int = 500
