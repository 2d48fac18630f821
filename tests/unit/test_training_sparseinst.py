"""`course train sparseinst` at 64²: recipes, batches, stages, a folder of one's own, and what is refused."""

import json
import shutil
from dataclasses import asdict, replace

import pytest
import torch
from safetensors.torch import load_file, save_file

from course_lib.cli.train import train
from course_lib.data.coco import read_coco
from course_lib.data.coco_export import export_coco
from course_lib.data.coco_sets import training_sets
from course_lib.data.emoji_scenes import CLASS_NAMES, emoji_scene
from course_lib.data.instance_augmentation import InstanceAugmentation
from course_lib.errors import CourseError
from course_lib.instances import SparseInst
from course_lib.instances.classifier import BackboneClassifier
from course_lib.instances.images import batch_images
from course_lib.instances.starting_weights import load_encoder
from course_lib.matting import RobustVideoMatting
from course_lib.training import instance_recipes, sparseinst
from course_lib.training.instance_data import EmojiBatches, FolderBatches, collate, targets_of
from course_lib.training.instance_passes import (
    Pictures,
    instance_passes,
    instance_task,
    make_criterion,
)
from course_lib.training.instance_recipes import (
    LAST_STAGE,
    InstanceNetwork,
    instance_recipe,
    instance_recipe_from,
    rate_at,
)
from course_lib.training.loader import batches
from course_lib.training.log import read_log
from course_lib.training.passes import Pass
from course_lib.training.run_folder import CLASSIFIER_RUN, KEPT, save_weights
from course_lib.training.run_options import RunOptions
from course_lib.training.sparseinst import overfit_one_batch, snapshot_sparseinst, train_sparseinst
from course_lib.training.stage import checkpoint_path
from course_lib.zoo import load_model

from .commands import train_defaults

TINY = replace(
    instance_recipe(1),
    precision="no",
    steps=2,
    network=InstanceNetwork("mobilenetv3", num_masks=12, groups=2, width=16, kernel_width=8, depth=1),
    batch=2,
    sides=(64,),
    start="random",
    frozen=(),
    warmup=0,
    recalibration=1,
    log_every=1,
    checkpoint_every=1,
)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Results and checkpoints of the test's own, and one validation batch; the sprites are in the real cache."""
    monkeypatch.setattr("course_lib.training.stage.cache_dir", lambda: tmp_path / "cache")
    monkeypatch.setattr("course_lib.training.loop.VALIDATION_BATCHES", 1)
    return tmp_path / "results"


def run(home, chosen=TINY, name="tiny", pictures=None, **options):
    return train_sparseinst(name, chosen, RunOptions(device="cpu", results=home, **options), pictures)


@pytest.mark.parametrize(("profile", "stage"), [("laptop", 1), ("laptop", 2), ("gpu", 1)])
def test_a_recipe_comes_back_from_its_record(profile, stage):
    chosen = instance_recipe(stage, profile)
    assert instance_recipe_from(json.loads(json.dumps(asdict(chosen)))) == chosen


def test_rates_rise_and_fall_as_the_authors_have_it():
    gpu = instance_recipe(1, "gpu")
    assert rate_at(gpu, 0) == pytest.approx(1e-3, rel=2e-3)
    assert rate_at(gpu, 1000) == 1
    laptop = instance_recipe(1)
    assert rate_at(laptop, laptop.steps // 2) == pytest.approx(0.5)
    assert 0 < rate_at(laptop, laptop.steps - 1) < 2e-4
    assert [rate_at(gpu, step) for step in (209_999, 210_000, 249_999, 250_000)] == pytest.approx([1, 0.1, 0.1, 0.01])


def test_a_batch_is_its_scenes_and_two_processes_share_it():
    batches = EmojiBatches(3, 4, (64, 96))
    batch = batches[1]
    assert batch["frames"].shape[-1] in (64, 96)
    targets = targets_of(batch)
    assert [len(target["labels"]) for target in targets] == batch["counts"].tolist()
    halves = [EmojiBatches(3, 4, (64, 96), rank=rank, processes=2)[1] for rank in range(2)]
    for name, whole in batch.items():
        assert torch.equal(torch.cat([half[name] for half in halves]), whole)
    assert not torch.equal(batches[0]["frames"].flatten()[:99], batch["frames"].flatten()[:99])
    sides = {EmojiBatches(3, 1, (64, 96))[step]["frames"].shape[-1] for step in range(6)}
    assert sides == {64, 96}


def test_collating_pads_as_the_network_does():
    draws = torch.Generator().manual_seed(0)
    images = [torch.rand(3, 40, 70, generator=draws), torch.rand(3, 64, 30, generator=draws)]
    masks = [torch.ones(2, 40, 70, dtype=torch.bool), torch.zeros(0, 64, 30, dtype=torch.bool)]
    batch = collate(
        [(images[0], torch.tensor([4, 5]), masks[0]), (images[1], torch.zeros(0, dtype=torch.long), masks[1])]
    )
    assert batch["frames"].shape == (2, 3, 64, 96)
    torch.testing.assert_close(batch_images(batch["frames"]), batch_images(images), atol=1e-6, rtol=0)
    first, second = targets_of(batch)
    assert torch.equal(first["masks"][:, :40, :70], masks[0])
    assert first["masks"].sum() == masks[0].sum()
    assert second["masks"].shape == (0, 64, 96)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Six pictures for training, two for validation, as the exporter writes them."""
    path = tmp_path_factory.mktemp("own")
    export_coco(path, "train", 6, 64)
    export_coco(path, "val", 2, 64)
    return path


def test_a_folder_gives_each_picture_once_a_round_in_another_order(folder):
    coco = read_coco(folder, "train")
    batches = FolderBatches(0, 3, coco, None)
    rounds = [torch.cat([batches[step]["frames"] for step in steps]) for steps in ((0, 1), (2, 3))]
    pictures = torch.stack([sample.image for sample in coco])
    orders = [[int((pictures - frame).abs().flatten(1).amax(1).argmin()) for frame in frames] for frames in rounds]
    assert [sorted(order) for order in orders] == [list(range(6))] * 2
    assert orders[0] != orders[1]
    again = FolderBatches(0, 3, coco, InstanceAugmentation((32, 48), 64))
    assert torch.equal(again[5]["frames"], again[5]["frames"])
    assert {again[step]["frames"].shape[-1] for step in range(4)} <= {32, 64}


@pytest.mark.parametrize("workers", [0, 1])
def test_a_damaged_picture_is_one_clear_line_wherever_it_was_read(workers, folder, tmp_path):
    damaged = shutil.copytree(folder, tmp_path / "damaged")
    coco = read_coco(damaged, "train")
    for image in coco.images:
        image.path.write_bytes(image.path.read_bytes()[:200])
    made = batches([Pass("instances", FolderBatches(0, 2, coco, None), None)], range(3), workers)
    with pytest.raises(CourseError) as told:
        next(made)
    (line,) = str(told.value).splitlines()
    assert line.startswith(str(damaged / "train"))


def renamed(folder, path):
    """The folder with another name for its first class."""
    shutil.copytree(folder, path)
    for file in (path / "annotations").iterdir():
        file.write_text(file.read_text("utf-8").replace(f'"{CLASS_NAMES[0]}"', '"robot"'), "utf-8")
    return path


def test_a_run_goes_on_with_its_own_pictures_only(home, folder, tmp_path):
    mine, none = Pictures(*training_sets(folder)), Pictures()
    other = Pictures(*training_sets(renamed(folder, tmp_path / "other")))
    run(home, pictures=mine)
    run(home, name="scenes")
    record, card = (home / "tiny" / file for file in ("config.json", "card.md"))
    assert json.loads(record.read_text())["annotations"] == "instances_train.json"
    assert "annotations" not in json.loads((home / "scenes" / "config.json").read_text())
    before = record.read_bytes(), card.read_bytes()
    wrong = (
        (
            "tiny",
            none,
            r"tiny learns from instances_train\.json \(36 classes\), .*emoji scenes .*Give --data the folder of",
        ),
        ("tiny", other, r"go on with instances_train\.json \(36 classes\) without person and with robot\."),
        (
            "scenes",
            mine,
            r"scenes learns from emoji scenes \(36 classes\), .*instances_train\.json .*Leave --data out, or",
        ),
    )
    for name, pictures, message in wrong:
        for again in ({"resume": True}, {"chosen": replace(TINY, stage=2)}):
            with pytest.raises(CourseError, match=f"(?s){message}"):
                run(home, name=name, pictures=pictures, **again)
        with pytest.raises(CourseError, match=f"(?s){message}"):
            snapshot_sparseinst(name, pictures=pictures, results=home)
    assert (record.read_bytes(), card.read_bytes()) == before
    snapshot_sparseinst("tiny", pictures=mine, results=home)
    assert (record.read_bytes(), card.read_bytes()) == before
    shutil.rmtree(home / "tiny")  # as if it had been killed before its first record
    with pytest.raises(CourseError, match="tiny learns from instances_train"):
        run(home, resume=True)
    assert run(home, pictures=mine, resume=True).finished


def test_the_card_of_a_run_on_own_pictures_is_about_them(home, folder):
    report = run(home, replace(TINY, sides=(48, 64), steps=1), pictures=Pictures(*training_sets(folder)))
    card = (report.folder / "card.md").read_text()
    assert "2 pictures, shorter side 48 or 64 |" in card
    assert "²" not in card
    assert "pictures of instances_train.json, 36 classes; validated on 2 others of instances_val.json." in card
    assert "MIT for what the course brought. The terms of the pictures of instances_train.json apply" in card


def test_a_run_leaves_its_folder_and_continues_to_the_same(home):
    report = run(home)
    assert report.finished
    row = read_log(report.folder / "log.csv")[-1]
    terms = [row[f"instances_{term}"] for term in ("ce", "dice", "mask", "objectness")]
    assert row["instances_total"] == pytest.approx(sum(terms), rel=1e-4)
    assert row["validation_total"] > 0
    config = json.loads((report.folder / "config.json").read_text())
    assert config["classes"] == list(CLASS_NAMES)
    assert "2 pictures of 64²" in (report.folder / "card.md").read_text()
    model = load_model(report.folder / "weights.safetensors")
    assert isinstance(model, SparseInst)
    assert model.class_names == CLASS_NAMES
    (found,) = model.predict(emoji_scene(0, 64).image[None])
    assert found.masks.shape[1:] == (64, 64)

    assert not run(home, name="parts", max_minutes=1e-9).finished
    torch.manual_seed(9)
    run(home, name="parts", resume=True)
    weights = "weights.safetensors"
    assert (home / "parts" / weights).read_bytes() == (report.folder / weights).read_bytes()


def test_the_second_stage_leaves_the_backbone_and_stores_what_differs(home, monkeypatch):
    monkeypatch.setitem(KEPT, ("tiny", 1), "stage-1.safetensors")
    with pytest.raises(CourseError, match="First: course train sparseinst --stage 1 --run tiny"):
        run(home, replace(TINY, stage=2))
    run(home)
    second = replace(TINY, stage=2, steps=1, frozen=("backbone.", "encoder."))
    report = run(home, second)
    kept, own = (load_file(home / "tiny" / name) for name in ("stage-1.safetensors", "weights.safetensors"))
    assert own
    assert all(name.startswith("decoder.") for name in own)
    whole = load_model(home / "tiny" / "weights.safetensors").state_dict()
    assert all(torch.equal(whole[name].half(), tensor.half()) for name, tensor in kept.items() if name not in own)
    assert not torch.equal(
        whole["decoder.inst_branch.iam_conv.weight"].half(), kept["decoder.inst_branch.iam_conv.weight"]
    )
    before = (home / "tiny" / "weights.safetensors").read_bytes()
    snapshot = snapshot_sparseinst("tiny", results=home)
    assert (snapshot.stage, snapshot.step, snapshot.steps) == (2, 1, 1)
    assert (home / "tiny" / "weights.safetensors").read_bytes() == before
    assert report.checkpoint == checkpoint_path("tiny", 2)


def test_the_backbone_starts_from_the_classifier(home):
    chosen = replace(TINY, start="classifier")
    with pytest.raises(
        CourseError, match=r"the run emoji-classifier-laptop.*course train emoji-classifier --run emoji"
    ):
        run(home, chosen)
    torch.manual_seed(0)
    classifier = BackboneClassifier(num_classes=36)
    folder = home / CLASSIFIER_RUN
    folder.mkdir(parents=True)
    save_file(classifier.state_dict(), folder / "weights.safetensors")
    network = sparseinst.starting_network("x", chosen, 36, 0, results=home)
    for name, tensor in network.backbone.state_dict().items():
        assert torch.equal(tensor, classifier.backbone.state_dict()[name]), name


def test_what_the_matting_run_made_and_nobody_changed_is_stored_there_alone(home, monkeypatch):
    """A fork of SparseInst → its stage 1 → the matting run's stage 1: put together through all three."""
    monkeypatch.setitem(KEPT, ("tiny", 1), "stage-1.safetensors")
    monkeypatch.setattr("course_lib.training.run_folder.RESULTS", home)
    torch.manual_seed(0)
    matting = RobustVideoMatting().state_dict()
    for file in ("weights.safetensors", "stage-1.safetensors"):
        save_weights(home / sparseinst.MATTING_RUN / file, matting)
    classifier = BackboneClassifier(num_classes=36)
    load_encoder(classifier.backbone, matting)
    save_weights(home / CLASSIFIER_RUN / "weights.safetensors", classifier.state_dict())
    run(home, replace(TINY, start="classifier", frozen=LAST_STAGE))
    first = load_file(home / "tiny" / "stage-1.safetensors")
    assert "backbone.features.12.block.0.0.weight" in first
    assert not [name for name in first if name.startswith(LAST_STAGE)]
    trained = torch.load(checkpoint_path("tiny", 1), weights_only=True)["model"]
    run(home, replace(TINY, stage=2, steps=1, frozen=("backbone.", "encoder.")))
    whole = load_model(home / "tiny" / "weights.safetensors").state_dict()
    for name, tensor in whole.items():
        if name.startswith(("backbone.", "encoder.")) and "running" not in name and tensor.is_floating_point():
            assert torch.equal(tensor.half(), trained[name].half()), name
    save_weights(home / sparseinst.MATTING_RUN / "stage-1.safetensors", RobustVideoMatting().state_dict())
    with pytest.raises(CourseError, match=r"has changed since.*course train sparseinst --stage 1 --run tiny"):
        load_model(home / "tiny" / "weights.safetensors")


def test_groups_of_parameters_have_their_rates_and_norms_do_not_decay():
    network = sparseinst.build(TINY, 36)
    chosen = replace(TINY, backbone_rate=1e-4, rate=1e-3)
    task = instance_task(chosen)
    groups = task.groups(network)
    assert [(group["lr"], group["weight_decay"]) for group in groups] == [(1e-4, 0.05), (1e-4, 0), (1e-3, 0.05)]
    assert sum(len(group["params"]) for group in groups) == len(list(network.parameters()))
    assert all(parameter.ndim == 1 for parameter in groups[1]["params"])
    frozen = instance_task(replace(chosen, frozen=("backbone.",)))
    assert [group["lr"] for group in frozen.groups(network)] == [1e-3]
    frozen.mode(network)
    assert not any(module.training for module in network.backbone.modules())
    assert not any(parameter.requires_grad for parameter in network.backbone.parameters())
    assert network.decoder.training
    last = instance_task(replace(chosen, frozen=LAST_STAGE))
    last.mode(network)
    trained = {name.split(".")[2] for name, p in network.named_parameters() if p.requires_grad and "backbone." in name}
    assert trained == {str(number) for number in range(13)}
    count = sum(parameter.numel() for group in last.groups(network) for parameter in group["params"])
    assert count == sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    task.adapt(network, "cpu", "no")
    assert network.decoder.inst_branch.inst_convs[0].weight.is_contiguous(memory_format=torch.channels_last)
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())
    assert not network.backbone.features[13].training
    assert network.backbone.features[12].training


def test_the_recipe_chooses_matcher_and_sampling():
    usual, changed = (
        make_criterion(TINY, 5),
        make_criterion(replace(TINY, queries_per_object=3, target_sampling="area"), 5),
    )
    assert (type(usual.matcher).__name__, usual.target_sampling) == ("HungarianMatcher", "centre")
    assert (type(changed.matcher).__name__, changed.target_sampling) == ("OneToManyMatcher", "area")
    with pytest.raises(CourseError, match="3 processes cannot share batches of 2"):
        instance_passes(TINY, Pictures(), 0, processes=3)


def test_one_batch_can_be_learned(home):
    chosen = replace(TINY, rate=3e-3, backbone_rate=1e-3)
    losses = overfit_one_batch(chosen, seed=0, steps=12, device="cpu", results=home)
    assert len(losses) == 12
    assert losses[-1] < 0.8 * losses[0]


def test_the_command_trains_on_a_folder_of_ones_own(home, folder, monkeypatch, capsys):
    monkeypatch.setattr(instance_recipes, "instance_recipe", lambda stage, profile: TINY)

    def here(name, chosen, options, pictures):
        return train_sparseinst(name, chosen, replace(options, results=home), pictures)

    monkeypatch.setattr(sparseinst, "train_sparseinst", here)
    train(**train_defaults() | {"model": "sparseinst", "data": folder, "device": "cpu", "workers": 0})
    printed = capsys.readouterr().out
    count = len(training_sets(folder)[0])
    assert f"stage 1, 2 steps on {count} pictures of {folder}" in printed
    assert printed.count("show no object and are not learned from") == (count < 6)
    assert "AP50" in printed
    assert str(home / "my-sparseinst-laptop" / "weights.safetensors") in printed
    pictures = checkpoint_path("my-sparseinst-laptop", 1).parent / "pictures"
    assert [picture.name for picture in pictures.iterdir()] == ["stage-1-step-000002.png"]
    assert f"{count} pictures of instances_train.json" in (home / "my-sparseinst-laptop" / "card.md").read_text()


def test_the_command_learns_one_batch(home, folder, monkeypatch, capsys):
    monkeypatch.setattr(instance_recipes, "instance_recipe", lambda stage, profile: TINY)
    train(
        **train_defaults()
        | {"model": "sparseinst", "data": folder, "device": "cpu", "overfit_one_batch": True, "steps": 2}
    )
    assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()] == [["step", "0"], ["step", "1"]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"stage": 3}, "--stage 3: on a laptop SparseInst is trained in the stages 1 and 2"),
        ({"stage": 2, "profile": "gpu"}, "--stage 2: with --profile gpu"),
        ({"profile": "phone"}, "--profile phone"),
        ({"small_memory": True}, "--small-memory is for rvm"),
        ({"fork": "x"}, "--fork x: choose all, or one of sparseinst-laptop-control, sparseinst-laptop-fresh-heads"),
        ({"resume": True, "run": "absent"}, "nothing to resume"),
    ],
)
def test_mistakes_on_the_command_line_are_named(home, options, message):
    with pytest.raises(CourseError, match=message):
        train(**train_defaults() | {"model": "sparseinst"} | options)


def test_training_asks_for_pictures_to_validate_on(tmp_path):
    export_coco(tmp_path, "train", 2, 64)
    with pytest.raises(CourseError, match="Training needs a set of pictures to validate on"):
        train(**train_defaults() | {"model": "sparseinst", "data": tmp_path})


def test_the_last_stage_holds_most_of_the_backbones_parameters():
    named = list(sparseinst.build(TINY, 36).named_parameters())
    backbone = sum(parameter.numel() for name, parameter in named if name.startswith("backbone."))
    assert sum(parameter.numel() for name, parameter in named if name.startswith(LAST_STAGE)) > backbone / 2


def test_a_recipe_says_which_scenes_are_trained_on():
    for scenes in ("train", "together"):
        recipe = replace(instance_recipe(), scenes=scenes)
        assert instance_recipe_from(asdict(recipe)) == recipe
        (batches,) = (one.batches for one in instance_passes(recipe, Pictures(), 0))
        assert batches.split == scenes
    old = {name: value for name, value in asdict(instance_recipe()).items() if name != "scenes"}
    assert instance_recipe_from(old) == instance_recipe()  # runs that were recorded before there was a choice
