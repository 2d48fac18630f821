"""Makes nbval strict about what it lets pass, pictures, and lenient about what may differ: the last digits.

nbval 0.11 compares text letter by letter and never compares pictures. With `-p tests.notebooks.nbval_plugin` numbers
in text agree to 1 % (another CPU rounds differently) and all other text exactly; pictures agree in number and size,
to 2/255 on average, with at most 0.1 % of the pixels off by more than 32/255; stderr is not compared. Kernels run in
the environment in which `execute` stored the outputs.
"""

from __future__ import annotations

import base64
import io
import math
import os
import re

import numpy as np
from nbval import plugin
from PIL import Image

from course_lib.cli.execute import KERNEL_ENVIRONMENT

RELATIVE, ABSOLUTE = 0.01, 1e-6
MEAN, FAR, SHARE = 2.0, 32, 0.001
OUTPUT_TIMEOUT = 60  # s between a cell's end and its last output; nbval's own 5 s are short on a busy machine
NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?(?!\w)")


class TolerantText(str):
    """Text that equals another when its numbers are close and everything else, but the width of gaps, is the same."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other) -> bool:
        frames = [re.sub(r" +", " ", NUMBER.sub("#", text)) for text in (self, other)]
        pairs = zip(NUMBER.findall(self), NUMBER.findall(other), strict=False)  # as many, when the frames agree
        return frames[0] == frames[1] and all(close(*pair) for pair in pairs)

    def __ne__(self, other) -> bool:
        return not self == other


def close(one: str, other: str) -> bool:
    """Whether two printed numbers differ by at most 1 %, or by nothing worth printing."""
    a, b = (float(text.replace(",", "")) for text in (one, other))
    return math.isclose(a, b, rel_tol=RELATIVE, abs_tol=ABSOLUTE)


def picture_difference(one: np.ndarray, other: np.ndarray) -> str:
    """What makes two pictures (H, W, 3), 0 to 255, differ beyond the tolerance; empty when nothing does."""
    if one.shape != other.shape:
        return f"size {one.shape[1]}×{one.shape[0]}, stored {other.shape[1]}×{other.shape[0]}"
    difference = np.abs(one.astype(float) - other.astype(float))
    if (mean := difference.mean()) > MEAN:
        return f"mean difference {mean:.2f}/255, at most {MEAN:.0f}"
    if (share := (difference.max(axis=2) > FAR).mean()) > SHARE:
        return f"{share:.2%} of the pixels are off by more than {FAR}/255, at most {SHARE:.1%}"
    return ""


def pictures(outputs: list) -> list[np.ndarray]:
    stored = [output["data"]["image/png"] for output in outputs if "image/png" in output.get("data", {})]
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(text))).convert("RGB")) for text in stored]


class Cell(plugin.IPyNbCell):
    """nbval's cell with this module's idea of equality."""

    def sanitize(self, value):
        cleaned = super().sanitize(value)
        return TolerantText(cleaned) if isinstance(cleaned, str) else cleaned

    def compare_outputs(self, test, ref, skip_compare=None):
        if not super().compare_outputs(test, ref, skip_compare):
            return False
        fresh, stored = pictures(test), pictures(ref)
        problems = [picture_difference(*pair) for pair in zip(fresh, stored, strict=False)]
        if len(fresh) != len(stored):
            problems.append(f"{len(fresh)} pictures, stored {len(stored)}")
        self.comparison_traceback += [f"image/png: {problem}" for problem in problems if problem]
        return not any(problems)


def pytest_configure(config):
    os.environ.update(KERNEL_ENVIRONMENT)


def pytest_collectstart(collector):
    if isinstance(collector, plugin.IPyNbFile):
        collector.skip_compare += ("stderr",)


def pytest_itemcollected(item):
    if isinstance(item, plugin.IPyNbCell):
        item.__class__ = Cell  # nbval makes its cells itself and offers no other way in
        item.output_timeout = OUTPUT_TIMEOUT
