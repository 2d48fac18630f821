"""The loop with a small stand-in for the network: resuming, time limits, NaN, validation."""

from dataclasses import asdict, replace

import pytest
import torch
from torch import nn

from course_lib.errors import CourseError
from course_lib.training.checkpoint import load_checkpoint
from course_lib.training.log import CsvLog, read_log
from course_lib.training.loop import Trainer
from course_lib.training.matting_task import COLUMNS, matting_task
from course_lib.training.passes import MattingLosses, Pass, SegmentationLosses
from course_lib.training.recipes import MATTING_TERMS, LearningRates, recipe
from course_lib.training.step import make_accelerator, numbers

RECIPE = replace(
    recipe(1),
    precision="no",
    steps=12,
    rates=LearningRates(1e-2, 1e-2, 1e-2, 0),
    log_every=4,
    checkpoint_every=3,
    validate_every=6,
    recalibration=2,
)


class SmallNetwork(nn.Module):
    """Called as RVM is; has a backbone with batch norm and a decoder."""

    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4, momentum=0.01), nn.ReLU())
        self.decoder = nn.Conv2d(4, 5, 1)

    def forward(self, frames, downsample_ratio=1.0, segmentation_pass=False):
        out = self.decoder(self.backbone(frames.flatten(0, -4)))
        out = out.reshape(*frames.shape[:-3], 5, *frames.shape[-2:])
        if segmentation_pass:
            return (out[..., 4:, :, :],)
        return out[..., :3, :, :].sigmoid(), out[..., 3:4, :, :].sigmoid()


class Discs:
    """Bright discs: what is bright is foreground. A function of the step."""

    def __getitem__(self, step):
        draws = torch.Generator().manual_seed(step)
        y, x = torch.meshgrid(torch.arange(16), torch.arange(16), indexing="ij")
        centre = torch.randint(4, 12, (2, 3, 2), generator=draws)[..., None, None]
        alpha = ((x - centre[:, :, 0]) ** 2 + (y - centre[:, :, 1]) ** 2 < 16).float()[:, :, None]  # (2, 3, 1, 16, 16)
        frames = 0.2 * torch.rand(2, 3, 3, 16, 16, generator=draws) + 0.8 * alpha
        return {"frames": frames, "foreground": frames, "alpha": alpha, "mask": alpha}


class Killed(Exception):
    pass


class Dying(Discs):
    """Raises at one step, as a kill would end the run there."""

    def __getitem__(self, step):
        if step == 8:
            raise Killed
        return super().__getitem__(step)


def trainer(folder, batches=None, **options):
    torch.manual_seed(0)
    batches = batches or Discs()
    passes = [Pass("low", batches, MattingLosses(MATTING_TERMS)), Pass("segmentation", batches, SegmentationLosses())]
    arguments = {
        "model": SmallNetwork(),
        "recipe": RECIPE,
        "task": matting_task(RECIPE),
        "passes": passes,
        "accelerator": make_accelerator("no", "cpu"),
        "seed": 0,
        "checkpoint": folder / "stage-1.pt",
        "log": CsvLog(folder / "log.csv", 1, COLUMNS),
        "validation": Pass("validation", Discs(), MattingLosses(MATTING_TERMS)),
    }
    return Trainer(**(arguments | options))


def rows(folder):
    return [{name: value for name, value in row.items() if name != "seconds"} for row in read_log(folder / "log.csv")]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that was never stopped."""
    folder = tmp_path_factory.mktemp("whole")
    run = trainer(folder)
    assert run.fit() is True
    return run, folder


def same(first, second):
    assert first.keys() == second.keys()
    return all(torch.equal(first[name], second[name]) for name in first)


def test_training_lowers_the_loss(whole):
    log = rows(whole[1])
    assert [row["step"] for row in log] == [4, 6, 8, 12]
    assert log[-1]["low_total"] < log[0]["low_total"]
    assert log[-1]["segmentation_total"] < log[0]["segmentation_total"]
    assert [row["validation_total"] is not None for row in log] == [False, True, False, True]


def test_a_killed_run_resumes_to_the_same_numbers(whole, tmp_path):
    with pytest.raises(Killed):
        trainer(tmp_path, Dying()).fit()
    with (tmp_path / "log.csv").open("a") as log:
        log.write("1,9,3.0,0.1")  # a row that the kill cut off
    assert load_checkpoint(tmp_path / "stage-1.pt")["step"] == 6
    torch.rand(7)  # whatever happened in between
    second = trainer(tmp_path, model=SmallNetwork())
    second.resume()
    assert second.step == 6
    assert second.fit() is True
    assert rows(tmp_path) == rows(whole[1])
    assert same(second.network.state_dict(), whole[0].network.state_dict())
    for mine, theirs in zip(*(run.optimizer.state_dict()["state"].values() for run in (second, whole[0])), strict=True):
        assert same(mine, theirs)


def test_a_run_ends_at_its_time_limit_with_a_checkpoint_and_continues(whole, tmp_path):
    seconds = iter(range(1000))
    first = trainer(tmp_path, clock=lambda: next(seconds))
    assert first.fit(max_seconds=9) is False
    assert 0 < first.step < RECIPE.steps
    assert first.step % RECIPE.log_every  # in the middle of a row
    assert load_checkpoint(tmp_path / "stage-1.pt")["step"] == first.step
    second = trainer(tmp_path)
    second.resume()
    assert second.fit() is True
    assert second.seconds > first.seconds
    assert rows(tmp_path) == rows(whole[1])


def test_the_loader_with_processes_of_its_own_gives_the_same_numbers(whole, tmp_path):
    run = trainer(tmp_path, workers=1)
    run.fit()
    assert rows(tmp_path) == rows(whole[1])


def test_a_finished_run_that_is_resumed_makes_no_step(whole):
    run = trainer(whole[1])
    run.resume()
    assert run.fit() is True
    assert same(run.network.state_dict(), whole[0].network.state_dict())


@pytest.mark.parametrize(
    ("change", "name"), [({"recurrent": False}, "recurrent"), ({"precision": "bf16"}, "precision")]
)
def test_a_checkpoint_is_not_continued_under_another_recipe(whole, change, name):
    run = trainer(whole[1])
    run.recipe = replace(RECIPE, **change)
    with pytest.raises(CourseError, match=f"another {name}"):
        run.resume()
    with pytest.raises(CourseError, match="another seed"):
        trainer(whole[1], seed=1).resume()


def test_more_steps_are_no_other_recipe(whole):
    run = trainer(whole[1], recipe=replace(RECIPE, steps=99))
    run.resume()
    assert run.step == 12


def test_nan_ends_the_run_and_names_the_term(tmp_path):
    class Poisoned(Discs):
        def __getitem__(self, step):
            batch = super().__getitem__(step)
            if step == 5:
                batch["foreground"] = batch["foreground"] / 0
            return batch

    with pytest.raises(CourseError, match=r"Step 5: the loss term fgr_l1 of the low pass is (nan|inf)"):
        trainer(tmp_path, Poisoned()).fit()
    assert load_checkpoint(tmp_path / "stage-1.pt")["step"] == 3


def test_a_segmentation_loss_that_is_infinite_is_named_too():
    with pytest.raises(CourseError, match="total of the segmentation pass is inf"):
        numbers("segmentation", {"total": torch.tensor(torch.inf)}, 3)


def test_broken_weights_are_not_stored(tmp_path):
    run = trainer(tmp_path)
    run.save()
    with torch.no_grad():
        run.network.decoder.weight[0] = torch.nan
    with pytest.raises(CourseError, match=r"decoder\.weight"):
        run.save()
    assert load_checkpoint(run.checkpoint)["model"]["decoder.weight"].isfinite().all()


def test_validation_leaves_training_untouched_and_measures_statistics(tmp_path):
    shown = []
    run = trainer(tmp_path, show=lambda step, network, batch: shown.append((step, network, batch["frames"].shape)))
    before = {name: value.clone() for name, value in run.network.state_dict().items()}
    first = run.validate()
    assert same(run.network.state_dict(), before)
    assert run.network.backbone[1].training
    assert shown == [(0, run.network, (2, 3, 3, 16, 16))]
    run.recipe = replace(RECIPE, recalibration=0)
    del run.recalibration_clips
    assert run.validate()["validation_total"] != first["validation_total"]


def test_each_pass_is_an_optimiser_step(tmp_path):
    run = trainer(tmp_path)
    run.train_step([Discs()[0], Discs()[0]])
    steps = {int(entry["step"]) for entry in run.optimizer.state_dict()["state"].values()}
    assert steps == {2}


def test_terms_left_out_are_logged_and_not_trained_on():
    losses = MattingLosses(("pha_l1",))(SmallNetwork(), Discs()[0])
    assert set(losses) == {*MATTING_TERMS, "total"}
    assert losses["total"] == losses["pha_l1"]


def test_without_recurrence_every_frame_is_a_video_of_its_own():
    calls = []

    def model(frames, **options):
        calls.append(frames.shape)
        return frames, frames[:, :1]

    MattingLosses(MATTING_TERMS, recurrent=False)(model, Discs()[0])
    assert calls == [(6, 3, 16, 16)]


def test_devices_that_are_not_there_are_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(CourseError, match="no CUDA device"):
        make_accelerator("no", "cuda")
    with pytest.raises(CourseError, match="--device tpu"):
        make_accelerator("no", "tpu")


def test_the_recipe_of_a_checkpoint_is_the_runs(whole):
    kept = load_checkpoint(whole[1] / "stage-1.pt")["recipe"]
    assert kept == asdict(RECIPE)


def test_the_task_sets_the_rate_of_each_step_also_after_resuming(tmp_path):
    seen = []

    def rate(step):
        seen.append(step)
        return 1 / (1 + step)

    task = replace(matting_task(RECIPE), rate=rate)
    first = trainer(tmp_path, task=task, recipe=replace(RECIPE, steps=3))
    first.fit()
    assert [group["lr"] for group in first.optimizer.param_groups] == pytest.approx([1e-2 / 3] * 2)
    second = trainer(tmp_path, task=task)
    second.resume()
    second.fit()
    assert seen == list(range(12))
    assert [group["lr"] for group in second.optimizer.param_groups] == pytest.approx([1e-2 / 12] * 2)


def test_what_a_judge_says_is_logged_beside_the_losses(tmp_path):
    run = trainer(
        tmp_path,
        log=CsvLog(tmp_path / "log.csv", 1, (*COLUMNS, "AP")),
        judge=lambda network: {"AP": 0.25 if not network.training else 0.0},
    )
    run.fit()
    assert [row["AP"] for row in rows(tmp_path)] == [None, 0.25, None, 0.25]


def test_rates_fall_where_the_recipe_says(tmp_path):
    run = trainer(tmp_path, recipe=(chosen := replace(RECIPE, drops=(4, 8))), task=matting_task(chosen))
    assert [run.task.rate(step) for step in (0, 3, 4, 7, 8, 11)] == pytest.approx([1, 1, 0.1, 0.1, 0.01, 0.01])
    assert matting_task(RECIPE).rate(10**6) == 1


def test_a_checkpoint_of_a_version_without_an_option_goes_on_with_its_default(whole, tmp_path):
    state = torch.load(whole[1] / "stage-1.pt", weights_only=True)
    del state["recipe"]["drops"]
    torch.save(state, tmp_path / "stage-1.pt")
    run = trainer(tmp_path)
    run.resume()
    assert run.step == RECIPE.steps
    other = trainer(tmp_path, recipe=replace(RECIPE, drops=(4,)))
    with pytest.raises(CourseError, match="another drops"):
        other.resume()
