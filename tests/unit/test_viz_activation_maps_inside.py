"""The computations behind the figures of activation maps: closed forms, loops, and other people's layers."""

import math
from dataclasses import asdict, replace

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_lib.errors import CourseError
from course_lib.instances import SparseInst
from course_lib.training.files import write_json
from course_lib.training.instance_recipes import InstanceNetwork, instance_recipe
from course_lib.training.run_folder import save_weights
from course_lib.training.sparseinst import build
from course_lib.viz import activation_maps_edits as edits
from course_lib.viz import activation_maps_measures as measures
from course_lib.viz.activation_maps_inside import decode_with, look_inside, match_queries
from course_lib.viz.activation_maps_portraits import in_parts, information, information_by_chance, portray
from course_lib.viz.activation_maps_stages import BEFORE, networks_over_training
from course_lib.viz.class_activation import fit_classifier
from course_lib.viz.cross_attention import attention_maps

KINDS = ("base", "group", "group_softmax")


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def small(kind: str = "group", **changed) -> SparseInst:
    sizes = {"num_classes": 3, "num_masks": 5, "groups": 2, "width": 16, "kernel_width": 4, "depth": 1}
    return SparseInst("resnet18", kind, **{**sizes, **changed}).eval()


def target() -> dict[str, torch.Tensor]:
    masks = torch.zeros(2, 64, 96, dtype=torch.bool)
    masks[0, 8:40, 8:40], masks[1, 16:32, 56:88] = True, True
    return {"labels": torch.tensor([0, 2]), "masks": masks}


# Inside


@pytest.mark.parametrize("kind", KINDS)
def test_its_own_maps_give_the_networks_own_answer(kind):
    model, images = small(kind), torch.rand(2, 3, 64, 96)
    inside = look_inside(model, images)
    expected = model(images)
    torch.testing.assert_close(inside.logits, expected.activation_maps)
    torch.testing.assert_close(inside.maps, model.normalised_maps(expected))
    assert inside.maps.shape[2] == (1 if kind == "base" else 2)
    output = decode_with(model, inside, inside.maps)
    for name, value in vars(expected).items():
        torch.testing.assert_close(getattr(output, name), value, msg=name)


def test_without_objectness_and_coordinates_too():
    model, images = small(objectness=False, coordinates=False), torch.rand(1, 3, 64, 64)
    inside = look_inside(model, images)
    output = decode_with(model, inside, inside.maps)
    assert output.objectness_logits is None
    torch.testing.assert_close(output.mask_logits, model(images).mask_logits)


def test_a_query_is_its_map():
    """Exchanged maps are exchanged queries: nothing else tells them apart."""
    model = small()
    inside = look_inside(model, torch.rand(1, 3, 64, 64))
    order = torch.tensor([3, 1, 4, 0, 2])
    before, after = decode_with(model, inside, inside.maps), decode_with(model, inside, inside.maps[:, order])
    torch.testing.assert_close(after.class_logits, before.class_logits[:, order])
    torch.testing.assert_close(after.mask_logits, before.mask_logits[:, order])


def test_looking_leaves_the_mode_and_takes_no_gradient():
    model, images = small().eval(), torch.rand(1, 3, 64, 64)
    maps = look_inside(model, images).maps
    inside = look_inside(model.train(), images)  # with the statistics of eval mode all the same
    assert model.training
    assert not inside.maps.requires_grad
    torch.testing.assert_close(inside.maps, maps)


def test_maps_of_another_size_are_refused():
    model = small()
    inside = look_inside(model, torch.rand(1, 3, 64, 64))
    with pytest.raises(ValueError, match=r"must be \(B, N, 2, 8, 8\)"):
        decode_with(model, inside, inside.maps[:, :, :1])
    with pytest.raises(ValueError, match="size"):
        decode_with(model, inside, inside.maps[..., :4])


def test_matching_finds_the_best_sum():
    """By trying every pair of queries."""
    model, truth = small(), target()
    output = model(torch.rand(1, 3, 64, 96))
    found = match_queries(output, [truth])
    p, t = output.mask_logits[0].sigmoid(), truth["masks"].float()
    t = (t[:, 1::4, 1::4] + t[:, 2::4, 1::4] + t[:, 1::4, 2::4] + t[:, 2::4, 2::4]) / 4  # (2, 16, 24)
    both = (p[:, None] * t).sum((2, 3))
    dice = 2 * both / (p.square().sum((1, 2))[:, None] + t.square().sum((1, 2)) + 1e-4)
    scores = dice**0.8 * output.class_logits[0].sigmoid()[:, truth["labels"]] ** 0.2
    sums = {(i, j): (scores[i, 0] + scores[j, 1]).item() for i in range(5) for j in range(5) if i != j}
    chosen = dict(zip(found.target.tolist(), found.query.tolist(), strict=True))
    assert (chosen[0], chosen[1]) == max(sums, key=sums.get)


# Measures


def test_a_flat_map_over_k_cells_has_area_k():
    for cells in (1, 2, 7, 24):
        flat = torch.zeros(24)
        flat[:cells] = 1 / cells
        assert measures.effective_area(flat.view(4, 6)).item() == pytest.approx(cells, rel=1e-5)
        assert measures.entropy(flat.view(4, 6)).item() == pytest.approx(math.log(cells), abs=1e-5)


def test_entropy_is_that_of_a_distribution():
    maps = torch.rand(2, 3, 4, 5)
    maps = maps / maps.sum((2, 3), keepdim=True)
    expected = torch.distributions.Categorical(maps.flatten(2)).entropy()
    torch.testing.assert_close(measures.entropy(maps), expected)


def test_the_centre_is_the_mean_place():
    maps = torch.zeros(2, 4, 8)
    maps[0, 1, 2], maps[1, 0, 0], maps[1, 3, 7] = 1, 0.5, 0.5
    torch.testing.assert_close(measures.centre(maps), torch.tensor([[1.5 / 4, 2.5 / 8], [0.5, 0.5]]))


def test_mass_is_counted_pixel_by_pixel():
    maps, masks = torch.rand(3, 2, 3, 4), torch.rand(2, 20, 30) > 0.5  # the picture ends inside the last cells
    shares = measures.cell_shares(masks, (3, 4))
    mass = measures.mass_inside(maps, shares)
    assert tuple(mass.shape) == (3, 2, 2)
    full = torch.zeros(2, 24, 32)
    full[:, :20, :30] = masks
    by_pixels = torch.kron(maps, torch.ones(8, 8))[:, :, None] * full / 64  # (3, 2, 2, 24, 32)
    torch.testing.assert_close(mass, by_pixels.sum((3, 4)))
    assert (
        measures.mass_inside(maps, measures.cell_shares(torch.ones(1, 24, 32).bool(), (3, 4)))
        .squeeze()
        .allclose(maps.sum((2, 3)))
    )
    assert measures.mass_inside(maps, measures.cell_shares(masks[:0], (3, 4))).shape == (3, 2, 0)
    with pytest.raises(ValueError, match="exceed"):
        measures.cell_shares(masks, (2, 4))


def test_overlap_is_1_for_the_same_and_0_for_strangers():
    maps = torch.zeros(3, 2, 2)
    maps[0, 0], maps[1, 1], maps[2] = 0.5, 0.5, 0.25
    assert measures.overlap(maps[0], maps[0]) == 1
    assert measures.overlap(maps[0], maps[1]) == 0
    assert measures.overlap(maps[0], maps[2]) == 0.5
    assert measures.group_overlap(maps[None]).tolist() == pytest.approx([(0 + 0.5 + 0.5) / 3])
    assert measures.group_overlap(maps[:, None]).tolist() == [1, 1, 1]


def test_windows_lie_around_their_places():
    maps = torch.arange(2 * 4 * 6.0).view(1, 2, 4, 6)
    window = measures.around(maps.expand(2, -1, -1, -1), torch.tensor([[0.3, 0.5], [1.0, 1.0]]), 1)
    torch.testing.assert_close(window[0], maps[0, :, 0:3, 2:5])
    torch.testing.assert_close(window[1, 1, :2, :2], maps[0, 1, 2:, 4:])
    assert window[1, :, 2].isnan().all()
    assert measures.around(maps[:0], torch.zeros(0, 2), 1).shape == (0, 2, 3, 3)


# Edits


def normal(*shape: int) -> torch.Tensor:
    maps = torch.rand(*shape)
    return maps / maps.sum((-2, -1), keepdim=True)


@pytest.mark.parametrize(
    "edit",
    [
        edits.normalised,
        edits.left_half,
        edits.flattened,
        lambda m: edits.shifted(m, 1, -2),
        lambda m: edits.blurred(m, 1.5),
    ],
)
def test_what_is_left_sums_to_1(edit):
    maps = normal(2, 3, 5, 7)
    edited = edit(maps)
    assert edited.shape == maps.shape
    torch.testing.assert_close(edited.sum((2, 3)), torch.ones(2, 3))
    assert not torch.equal(edited, maps) or edit is edits.normalised


def test_each_edit_does_what_it_says():
    point = torch.zeros(1, 4, 6)
    point[0, 1, 2] = 1
    assert edits.halved(point).sum() == 0.5
    assert edits.shifted(point, 2, 3)[0, 3, 5] == 1
    assert edits.shifted(point, -1, -2)[0, 0, 0] == 1
    assert edits.shifted(point, 3, 0).sum() == 0  # out of the picture
    assert edits.shifted(point, 9, -9).sum() == 0
    assert edits.normalised(0 * point).sum() == 0
    pair = torch.zeros(4, 6)
    pair[1, 1], pair[1, 4] = 0.5, 0.5
    kept = edits.left_half(pair)
    assert (kept[1, 1], kept[1, 4]) == (1, 0)
    assert edits.flattened(pair)[3, 5].item() == pytest.approx(1 / 24)


def test_a_blur_is_gaussian():
    point = torch.zeros(1, 21, 21)
    point[0, 10, 10] = 1
    row = edits.blurred(point, 1.5)[0, 10]
    steps = torch.arange(-6, 7.0)
    torch.testing.assert_close(row[4:17] / row[10], torch.exp(-(steps**2) / 2 / 1.5**2), rtol=1e-4, atol=1e-6)


# Class activation maps


def test_the_mean_of_a_map_is_its_score():
    pooled, present = torch.randn(40, 6), torch.rand(40, 3) > 0.5
    classifier = fit_classifier(pooled, present)
    features = torch.randn(2, 6, 4, 5)
    torch.testing.assert_close(classifier.maps(features).mean((2, 3)), classifier.scores(features.mean((2, 3))))


def test_the_classifier_is_the_minimum():
    """Double precision, where the gradient of the stated loss must vanish; PyTorch's own layers compute it."""
    pooled = torch.randn(60, 4, dtype=torch.double) * torch.tensor([1, 5, 0.2, 1]) + 3
    present = pooled[:, :2] + torch.randn(60, 2) > 3
    classifier = fit_classifier(pooled, present, strength=0.01)
    spread = pooled.std(0)
    weight = (classifier.weight * spread).requires_grad_()
    bias = (classifier.bias + classifier.weight @ pooled.mean(0)).requires_grad_()
    logits = F.linear((pooled - pooled.mean(0)) / spread, weight, bias)
    loss = nn.BCEWithLogitsLoss(reduction="sum")(logits, present.double()) / 60 + 0.01 * weight.square().sum()
    loss.backward()
    assert max(weight.grad.abs().max(), bias.grad.abs().max()) < 1e-5
    assert ((logits > 0) == present).double().mean() > 0.7


def test_a_classifier_needs_pictures():
    with pytest.raises(ValueError, match="1 pictures"):
        fit_classifier(torch.rand(1, 4), torch.ones(1, 2, dtype=torch.bool))
    with pytest.raises(ValueError, match="3 rows"):
        fit_classifier(torch.rand(2, 4), torch.ones(3, 2, dtype=torch.bool))


# Cross-attention


def test_attention_is_that_of_multihead_attention():
    queries, features = torch.randn(3, 8), torch.randn(8, 4, 5)
    for heads in (1, 2, 4):
        layer = nn.MultiheadAttention(8, heads, bias=False, batch_first=True)
        with torch.no_grad():
            layer.in_proj_weight.copy_(torch.eye(8).repeat(3, 1))
        keys = features.flatten(1).T[None]
        _, expected = layer(queries[None], keys, keys, average_attn_weights=False)  # (1, heads, 3, 20)
        maps = attention_maps(queries, features, heads)
        assert tuple(maps.shape) == (3, heads, 4, 5)
        torch.testing.assert_close(maps.flatten(2), expected[0].transpose(0, 1))
    with pytest.raises(ValueError, match="8 channels cannot be parted into 3 heads"):
        attention_maps(queries, features, 3)


# Portraits


def test_portraits_count_matches():
    model = small()
    pictures = [(torch.rand(3, 64, 96), target()) for _ in range(3)]
    pictures.append((torch.rand(3, 64, 96), {name: tensor[:0] for name, tensor in target().items()}))
    seen = portray(model, pictures)
    assert len(seen.query) == 6
    assert seen.label.tolist().count(0) == seen.label.tolist().count(2) == 3
    assert sorted({round(area, 5) for area in seen.area.tolist()}) == [round(512 / 6144, 5), round(1024 / 6144, 5)]
    assert seen.counts().sum() == 6
    busiest = int(seen.counts().argmax())
    assert seen.histogram(busiest, 3).sum() == seen.counts().max()
    torch.testing.assert_close(seen.mean_maps.sum((2, 3)), (seen.counts() > 0).float()[:, None].expand(5, 2))
    centres = {(round(row, 4), round(column, 4)) for row, column in seen.centre.tolist()}
    assert centres == {(24 / 64, 0.25), (24 / 64, 0.75)}
    cells = {2: 8.0, 0: 16.0}  # of 8² pixels, by label
    covered = sum(cells[label] for label in seen.label[seen.query == seen.counts().argmax()].tolist())
    assert seen.mean_objects[seen.counts().argmax()].sum().item() * seen.counts().max() == pytest.approx(covered)
    maps = [look_inside(model, image[None]).maps[0] for image, _ in pictures]
    truths = [match_queries(model(image[None]), [truth]) for image, truth in pictures]
    theirs = [maps[i][busiest] for i, found in enumerate(truths) for query in found.query.tolist() if query == busiest]
    torch.testing.assert_close(seen.mean_maps[busiest], torch.stack(theirs).mean(0))
    with pytest.raises(ValueError, match="no picture"):
        portray(model, [])


def test_information_of_known_tables():
    query = torch.tensor([0, 0, 1, 1])
    assert information(query, query) == pytest.approx(math.log(2))
    assert information(query, torch.tensor([0, 1, 0, 1])) == pytest.approx(0)
    assert information(query, torch.zeros(4, dtype=torch.long)) == pytest.approx(0)
    many, other = torch.randint(0, 10, (400,)), torch.randint(0, 5, (400,))
    expected = (10 - 1) * (5 - 1) / (2 * 400)  # the bias of counts (Miller 1955)
    assert information_by_chance(many, other) == pytest.approx(expected, rel=0.3)
    assert information(many, other) == pytest.approx(information_by_chance(many, other), abs=0.03)


def test_parts_are_equally_filled():
    parts = in_parts(torch.tensor([5.0, 1, 2, 8, 9, 3]), 3)
    assert parts.tolist() == [1, 0, 0, 2, 2, 1]
    assert in_parts(torch.ones(4), 2).unique().numel() == 1


# Stages


def test_networks_over_training_are_the_start_and_what_is_recorded(tmp_path):
    tiny = InstanceNetwork("resnet18", num_masks=4, groups=2, width=8, kernel_width=4, depth=1)
    recipe = replace(instance_recipe(), network=tiny, start="random", frozen=())
    trained = build(recipe, 2).state_dict()
    folder = tmp_path / "tiny"
    folder.mkdir()
    save_weights(folder / "weights.safetensors", trained)
    stages = {"1": {"steps": 5, "recipe": asdict(recipe)}}
    write_json(folder / "config.json", {"seed": 3, "stages": stages, "classes": ["cat", "dog"]})
    state = torch.get_rng_state()
    networks = networks_over_training("tiny", tmp_path)
    assert torch.equal(torch.get_rng_state(), state)
    assert list(networks) == [BEFORE, "stage 1"]
    name = "decoder.inst_branch.iam_conv.weight"
    torch.testing.assert_close(networks["stage 1"].state_dict()[name], trained[name].half().float())
    torch.manual_seed(3)
    torch.testing.assert_close(networks[BEFORE].state_dict()[name], build(recipe, 2).state_dict()[name])
    assert not networks[BEFORE].training
    assert networks[BEFORE].class_names == ("cat", "dog")


def test_a_run_without_stages_is_refused(tmp_path):
    with pytest.raises(CourseError, match="no stage 1"):
        networks_over_training("sparseinst-nothing", tmp_path)
