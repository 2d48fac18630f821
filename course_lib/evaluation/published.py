"""Numbers that RVM's paper prints, to be shown beside ours and never mixed with them.

Lin et al. 2021 (arXiv 2108.11515), its table at low resolution and its comparison of still and moving backgrounds. They were
measured on the authors' scenes and sizes: what can be compared is who is ahead, and by what factor, not the numbers.
"""

import json
from pathlib import Path

PATH = Path(__file__).with_name("published.json")


def published_results(table: str) -> dict[str, dict[str, dict[str, float]]]:
    """→ test set → method → metric → value, of "low resolution" or "still and moving". Metrics as in `matting_metrics`.

    Raises KeyError for another table.
    """
    return json.loads(PATH.read_text("utf-8"))[table]["data"]
