"""The capstone's report: its ways, its two numbers, and what it writes, on a clip whose truth is known by hand."""

import numpy as np
import pytest
import torch
from torch import nn

from course_lib.data.emoji_scenes import CLASS_NAMES, PERSON, PeopleClip
from course_lib.data.emoji_scenes.things import Thing
from course_lib.evaluation import capstone_report as report
from course_lib.instances import Detections

SIZE = 64


def walkers(frames=6):
    """Two people 20 pixels wide: one stays at the left, one goes from the middle to the right. Alpha is 0.9 inside."""
    alphas = torch.zeros(frames, 2, SIZE, SIZE)
    for t in range(frames):
        alphas[t, 0, 10:60, 2:22] = 0.9
        alphas[t, 1, 5:62, 32 + t : 52 + t] = 0.9
    colours = torch.tensor([[0.9, 0.1, 0.1], [0.1, 0.1, 0.9]])
    frames = 0.3 + torch.einsum("tphw,pc->tchw", alphas, colours) / 2
    things = tuple(Thing(PERSON, "puppet", name, 1.0) for name in "ab")
    return PeopleClip(frames.clamp(0, 1), alphas > 0.5, alphas, things, "test/0", 7)


class SumOf(nn.Module):
    """Mattes perfectly, everybody together."""

    def __init__(self, clip):
        super().__init__()
        self.alpha = clip.alphas.sum(1, keepdim=True)

    def forward(self, clip, *states, downsample_ratio=1.0):
        return clip, self.alpha[None], *[torch.zeros(1)] * 4


class Finder(nn.Module):
    """Finds the true masks, but for what `missed` (frame, person) says; and a cat."""

    class_names = ("cat", "person")
    trained_side = SIZE

    def __init__(self, clip, missed=()):
        super().__init__()
        self.clip, self.missed = clip, missed

    def predict(self, images, sizes=None, min_score=0.0):
        found = []
        for t in range(len(images)):
            kept = [p for p in range(2) if (t, p) not in self.missed]
            masks = torch.cat([self.clip.masks[t, kept], torch.ones(1, SIZE, SIZE, dtype=torch.bool)])
            labels = torch.tensor([1] * len(kept) + [0])
            found.append(Detections(torch.linspace(0.9, 0.8, len(masks)), labels, masks))
        return found


def by_way(results):
    return {(one.way, one.person): one for one in results}


def test_every_way_of_every_person():
    clip = walkers()
    results = by_way(report.judge(clip, SumOf(clip), Finder(clip)))
    assert set(results) == {(way, person) for way in report.WAYS for person in (0, 1)}
    areas = clip.masks.double().mean((0, 2, 3))
    for person in (0, 1):
        assert results["everybody", person].mad == pytest.approx(1e3 * 0.9 * float(areas[1 - person]), rel=1e-4)
        assert results["mask", person].mad == pytest.approx(1e3 * 0.1 * float(areas[person]), rel=1e-4)
        assert results["true masks", person].mad < 8
        assert results["capstone", person].mad == pytest.approx(results["true masks", person].mad, abs=1e-6)
        assert results["capstone", person].kept == results["by overlap", person].kept == 1
    assert results["everybody", 0].kept == 0  # his area is less than half of both
    assert results["largest", 1].kept == 1  # the other one is larger in every frame
    assert results["largest", 0].kept == 0


def test_a_person_who_is_missed_first_is_not_kept_unless_by_true_masks():
    clip = walkers()
    results = by_way(report.judge(clip, SumOf(clip), Finder(clip, missed={(0, 1)})))
    own = 1e3 * 0.9 * float(clip.masks[:, 1].double().mean())
    assert results["capstone", 1].kept == results["mask", 1].kept == 0
    assert results["capstone", 1].mad == pytest.approx(own, rel=1e-4)
    assert results["true masks", 1].kept == 1


def test_only_the_capstone_knows_again_who_was_away_for_long():
    clip = walkers(15)
    results = by_way(report.judge(clip, SumOf(clip), Finder(clip, missed={(t, 0) for t in range(1, 13)})))
    assert results["capstone", 0].kept > results["by overlap", 0].kept
    assert results["capstone", 0].mad < results["by overlap", 0].mad


def test_the_click_is_where_the_mask_is_thickest():
    clip = walkers()
    (first, (x, y)), (second, _) = report.clicks(clip)
    assert (first, second) == (0, 1)
    assert 11 <= x <= 12
    assert 19 <= y <= 50
    few = PeopleClip(clip.frames, clip.masks & (torch.arange(SIZE) < 24), clip.alphas, clip.things, "", 0)
    assert [person for person, _ in report.clicks(few)] == [0]


def test_scores():
    own = torch.zeros(3, 1, SIZE, SIZE)
    own[:2, 0, :20, :20] = 1
    own[2, 0, :10, :10] = 1  # too little to count
    other = own.clone()
    other[1, 0, :20, 10:] = 1
    mad, kept = report.scores(other, own)
    assert mad == pytest.approx(1e3 * 20 * 44 / SIZE**2 / 3)
    assert kept == 0.5  # of two frames that count one is right: 400 / 1280 < ½
    assert report.scores(own, own) == (0, 1)


def test_replay_gives_the_frames_in_order_at_any_size():
    clip = walkers()
    replay = report.Replay(report.true_detections(clip), SIZE)
    first = replay.predict(clip.frames[:2], [(32, 32)] * 2)
    assert [tuple(one.masks.shape) for one in first] == [(2, 32, 32)] * 2
    rest = replay.predict(clip.frames[2:], [(SIZE, SIZE)] * 4)
    assert torch.equal(rest[-1].masks, clip.masks[-1])
    assert replay.class_names == CLASS_NAMES


def test_the_report_is_written(tmp_path, monkeypatch):
    clip = walkers(report_frames := 4)
    monkeypatch.setattr(report, "people_clip", lambda seed, frames, size: clip)
    metrics = report.make_report(SumOf(clip), Finder(clip), tmp_path, [1, 2], report_frames)
    assert report.read_report(tmp_path) == metrics
    assert metrics["clips"] == 2
    assert len(metrics["persons"]) == 2 * 2 * len(report.WAYS)
    for way, row in metrics["ways"].items():
        mads = [mad for name, _, _, mad, _ in metrics["persons"] if name == way]
        assert row["mad"] == pytest.approx(np.mean(mads), abs=0.02)
        assert row["persons"] == 4
    card = (tmp_path / "card.md").read_text()
    assert "| capstone | 4 |" in card
    assert report.read_report(tmp_path / "none") == {}
