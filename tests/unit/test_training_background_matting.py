"""`course train background-matting`: disturbed plates, from the first step to a method in the table, and what is refused."""

from dataclasses import replace

import pytest
import torch

from course_lib.cli.train import train
from course_lib.data.augmentation import VIDEO_TRAIN
from course_lib.errors import CourseError
from course_lib.evaluation.method_table import METHODS
from course_lib.matting.baselines import Extras
from course_lib.training.background_matting import RECIPE, PlateBatches, disturb, plate_losses, train_background_matting
from course_lib.training.log import read_log
from course_lib.training.matting_data import MattingBatches
from course_lib.training.recipes import PassSize
from course_lib.training.run_options import RunOptions

from .commands import train_defaults

SMALL = PassSize(64, 2, 2)
TINY = replace(RECIPE, precision="no", steps=2, low=SMALL, log_every=1, checkpoint_every=1)


def run(home, chosen=TINY, name="tiny", **options):
    here = RunOptions(device="cpu", results=home, **options)
    return train_background_matting(name, chosen, here, kinds=("texture",))


def test_a_plate_is_near_its_background_and_the_same_again():
    plain = MattingBatches(3, SMALL, VIDEO_TRAIN, kinds=("texture",))
    batch, again = PlateBatches(plain)[5], PlateBatches(plain)[5]
    background = plain[5]["background"]
    assert "background" not in batch, "the network must not see the exact one"
    for name, clip in batch.items():
        assert torch.equal(clip, again[name])
    distance = (batch["plate"] - background).abs().mean((1, 2, 3, 4))
    assert (distance > 0).any()
    assert (distance < 0.15).all()


def test_processes_share_the_plates_of_one_batch():
    whole = PlateBatches(MattingBatches(3, SMALL, VIDEO_TRAIN, kinds=("texture",)))[1]["plate"]
    shares = [
        PlateBatches(MattingBatches(3, SMALL, VIDEO_TRAIN, kinds=("texture",), rank=rank, processes=2))[1]["plate"]
        for rank in (0, 1)
    ]
    assert torch.equal(torch.cat(shares), whole)


def test_disturbances_are_those_that_are_announced():
    rows, columns = torch.meshgrid(torch.arange(60.0), torch.arange(80.0), indexing="ij")
    plate = (0.5 + 0.4 * torch.sin(columns / 9) * torch.cos(rows / 7)).expand(3, 3, 60, 80)
    exact = moved = brighter = noisy = 0
    for seed in range(120):
        seen = disturb(plate, torch.Generator().manual_seed(seed))
        assert seen.shape == plate.shape
        assert 0 <= seen.min() <= seen.max() <= 1
        assert torch.equal(seen[0], seen[2]), "one photograph: the same in all frames"
        error = (seen - plate)[0]
        exact += torch.equal(seen, plate)
        moved += bool(error.abs().max() > 0.002)
        brighter += bool(error.mean((1, 2)).std() > 0.003)  # channels went apart
        noisy += bool((seen[0, 0, :, 1:] - seen[0, 0, :, :-1]).diff(dim=1).std() > 0.009)
    assert 5 <= exact <= 25  # one in eight of 120, and the few on which nothing else falls
    assert moved > 90
    assert 30 <= brighter <= 80
    assert 30 <= noisy <= 90


def test_a_run_becomes_a_method_and_a_killed_one_the_same(home, monkeypatch):
    report = run(home)
    assert report.finished
    assert {entry.name for entry in report.folder.iterdir()} == {
        "card.md", "config.json", "log.csv", "metrics.json", "weights.safetensors",
    }  # fmt: skip
    assert report.validation["validation_pha_l1"] > 0
    assert "clean plate" in (report.folder / "card.md").read_text(encoding="utf-8")
    method = METHODS["background-matting"].build(weights=report.folder / "weights.safetensors")
    frames = torch.rand(3, 3, 40, 36)
    assert method(frames, Extras(clean_plate=frames[0])).shape == (3, 1, 40, 36)

    run(home, replace(TINY, steps=1), name="killed")
    torch.manual_seed(123)
    run(home, name="killed", resume=True)
    killed = home / "killed"
    assert (killed / "weights.safetensors").read_bytes() == (report.folder / "weights.safetensors").read_bytes()
    last, expected = (read_log(folder / "log.csv")[-1] for folder in (killed, report.folder))
    assert {**last, "seconds": 0} == {**expected, "seconds": 0}


def test_it_learns_to_use_the_plate():
    """One batch, a few steps: the loss falls, and without the right plate it is worse."""
    from course_lib.matting.background_matting import BackgroundMatting

    torch.manual_seed(0)
    batch = PlateBatches(MattingBatches(0, replace(SMALL, batch=4), VIDEO_TRAIN, kinds=("texture",)))[0]
    network = BackgroundMatting().train()
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    losses = []
    for _ in range(30):
        total = plate_losses(network, batch)["total"]
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        losses.append(total.item())
    assert losses[-1] < 0.6 * losses[0]
    with torch.no_grad():
        wrong = plate_losses(network, {**batch, "plate": batch["plate"].flip(0)})["total"].item()
    assert wrong > 1.2 * losses[-1]


def test_nothing_is_overwritten(home):
    with pytest.raises(CourseError, match="nothing to resume"):
        run(home, resume=True)
    run(home, replace(TINY, steps=1))
    with pytest.raises(CourseError, match="has a checkpoint already"):
        run(home)
    for checkpoint in (home.parent / "cache" / "runs" / "tiny").iterdir():
        checkpoint.unlink()
    with pytest.raises(CourseError, match="holds a recorded run"):
        run(home)
    assert run(home, resume=True).finished, "goes on from the snapshot, as RVM does"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"stage": 2}, "one stage"),
        ({"profile": "gpu"}, "one stage, one size"),
        ({"overfit_one_batch": True}, "--overfit-one-batch"),
        ({"fork": "all"}, "leave out .*--fork"),
        ({"snapshot": True}, "leave out .*--snapshot"),
        ({"resume": True}, "nothing to resume"),
        ({"run": "../elsewhere"}, "--run"),
        ({"steps": 0}, "--steps 0"),
        ({"device": "tpu"}, "--device tpu"),
    ],
)
def test_mistakes_on_the_command_line_are_named(home, options, message):
    with pytest.raises(CourseError, match=message):
        train(**{"model": "background-matting", **train_defaults(), **options})
