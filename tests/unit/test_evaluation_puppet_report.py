"""The report on puppets: its numbers by hand, and that it can be continued."""

import math

import pytest
import torch
from torch import nn

from course_lib.errors import CourseError
from course_lib.evaluation import puppet_report
from course_lib.evaluation.puppet_report import make_report, overlap, read_rows, summarise

FILES = ("card.md", "clips.csv", "config.json", "metrics.json")


class Bright(nn.Module):
    def forward(self, frames):
        return frames, frames.mean(dim=2, keepdim=True), None, None, None, None


def test_overlap_by_hand():
    true, found = torch.zeros(2, 1, 4, 4), torch.zeros(2, 1, 4, 4)
    true[:, :, :2] = 0.8  # 16 pixels of two frames
    found[0, :, 1:3] = 1  # 8 pixels, of which 4 are right
    assert overlap(found, true) == pytest.approx(4 / 20)
    assert overlap(true, true) == 1
    assert math.isnan(overlap(true * 0, true * 0))


def test_groups_average_their_own_clips():
    base = dict.fromkeys(puppet_report.GROUPS, "x")
    clips = (("0.5", "bust"), ("0.7", "bust"), ("1", "full"))
    rows = [{**base, "iou": iou, "mad": "1", "framing": framing} for iou, framing in clips]
    summary = summarise(rows)
    assert summary["framing"]["bust"]["iou"] == pytest.approx(0.6)
    assert summary["framing"]["full"] == {
        "clips": 1, "iou": 1.0, "iou_low": None, "iou_high": None, "iou_median": 1.0,
        "mad": 1.0, "mad_low": None, "mad_high": None, "mad_median": 1.0,
    }  # fmt: skip
    assert summary["all"]["iou_median"] == pytest.approx(0.7)


def test_a_report_in_two_parts_is_that_in_one(tmp_path, monkeypatch):
    monkeypatch.setattr(puppet_report, "FRAMES", 2)
    assert make_report(Bright(), tmp_path / "once", clips=3, size=32)
    assert not make_report(Bright(), tmp_path / "parts", clips=3, size=32, max_minutes=1e-9)
    assert len(read_rows(tmp_path / "parts")) == 1
    assert make_report(Bright(), tmp_path / "parts", clips=3, size=32)
    for name in FILES:
        assert (tmp_path / "once" / name).read_bytes() == (tmp_path / "parts" / name).read_bytes()
    assert "**Gate** IoU ≥ 0.8 for framing full: MISSED" in (tmp_path / "once" / "card.md").read_text("utf-8")
    with pytest.raises(CourseError, match="other settings"):
        make_report(Bright(), tmp_path / "once", clips=4, size=32)
