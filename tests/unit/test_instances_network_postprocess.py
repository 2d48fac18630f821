"""From logits to instances, against loops and closed forms; and how much memory large originals take."""

import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch.utils._python_dispatch import TorchDispatchMode

from course_lib.instances import Detections, SparseInstOutput
from course_lib.instances.postprocess import enlarge, maskness, postprocess, score_queries


def random_output(queries=6, classes=4, height=8, width=12, batch=1, objectness=True) -> SparseInstOutput:
    generator = torch.Generator().manual_seed(0)
    smooth = F.interpolate(torch.randn(batch, queries, 3, 4, generator=generator), (height, width), mode="bilinear")
    return SparseInstOutput(
        torch.randn(batch, queries, classes, generator=generator),
        4 * smooth,
        torch.randn(batch, queries, 1, generator=generator) if objectness else None,
        torch.zeros(batch, queries, height // 2, width // 2),
    )


def one_query(class_logit=10.0, mask_logits=None, objectness=10.0) -> SparseInstOutput:
    masks = torch.full((1, 1, 8, 8), 10.0) if mask_logits is None else mask_logits[None, None]
    classes = torch.tensor([[[-9.0, class_logit, -9.0]]])
    return SparseInstOutput(classes, masks, torch.full((1, 1, 1), objectness), torch.zeros(1, 1, 4, 4))


def test_scores_are_geometric_means_of_the_best_class_and_the_objectness():
    output = random_output(batch=2)
    scores, labels = score_queries(output)
    for b in range(2):
        for n in range(6):
            every = [
                (torch.sigmoid(logit) * torch.sigmoid(output.objectness_logits[b, n, 0])).sqrt()
                for logit in output.class_logits[b, n]
            ]
            assert labels[b, n] == every.index(max(every))
            torch.testing.assert_close(scores[b, n], max(every))


def test_maskness_is_the_mean_over_the_masks_own_pixels():
    probabilities = torch.tensor([[[0.9, 0.5], [0.45, 0.1]], [[0.1, 0.2], [0.3, 0.45]]])
    torch.testing.assert_close(maskness(probabilities), torch.tensor([0.7, 0.0]), rtol=1e-5, atol=0)


def test_everything_against_one_query_after_another():
    """Threshold before the maskness, in the order of the queries; masks in two steps, of probabilities."""
    output = random_output(batch=2)
    image_sizes, sizes = [(29, 41), (32, 48)], [(50, 70), (20, 31)]
    results = postprocess(output, image_sizes, sizes, threshold=0.55)
    assert 0 < len(results[0]) < 6
    for b, found in enumerate(results):
        scores, labels, masks = [], [], []
        for n in range(6):
            classes = output.class_logits[b, n].sigmoid()
            score = (classes.max() * output.objectness_logits[b, n].sigmoid()[0]).sqrt()
            if score <= 0.55:
                continue
            small = output.mask_logits[b, n].sigmoid()
            own = small[small > 0.45]
            scores.append(score * own.sum() / (len(own) + 1e-6))
            labels.append(int(classes.argmax()))
            large = F.interpolate(small[None, None], (32, 48), mode="bilinear")[
                ..., : image_sizes[b][0], : image_sizes[b][1]
            ]
            masks.append(F.interpolate(large, sizes[b], mode="bilinear")[0, 0] > 0.45)
        torch.testing.assert_close(found.scores, torch.stack(scores))
        assert found.labels.tolist() == labels
        assert torch.equal(found.masks, torch.stack(masks))
        assert found.labels.dtype == torch.int64


def test_probabilities_are_enlarged_not_logits():
    """Between a pixel at −10 and one at +3 the border lies elsewhere in logits than in probabilities."""
    logits = torch.full((8, 8), -10.0)
    logits[:, 4:] = 3.0
    (found,) = postprocess(one_query(mask_logits=logits), [(32, 32)], [(32, 32)])
    in_logits = F.interpolate(logits[None, None], (32, 32), mode="bilinear")[0, 0].sigmoid() > 0.45
    assert int(found.masks[0].sum()) - int(in_logits.sum()) == 32  # one column more


def test_padding_is_cropped():
    logits = torch.full((8, 8), -10.0)
    logits[:4] = 10.0  # the upper half of 32 padded rows, all of the 16 rows of the picture
    (found,) = postprocess(one_query(mask_logits=logits), [(16, 32)], [(100, 200)])
    assert found.masks[0, :90].all()
    assert found.masks.shape == (1, 100, 200)


def test_nothing_found_is_an_empty_result():
    (found,) = postprocess(one_query(class_logit=-30.0, objectness=-30.0), [(30, 31)], [(60, 70)])
    assert isinstance(found, Detections)
    assert len(found) == 0
    assert found.masks.shape == (0, 60, 70)
    assert (found.masks.dtype, found.labels.dtype) == (torch.bool, torch.int64)
    assert len(found[found.scores > 0.5]) == 0


def test_a_query_with_an_empty_mask_scores_nothing():
    output = one_query(mask_logits=torch.full((8, 8), -5.0))
    (found,) = postprocess(output, [(32, 32)], [(32, 32)])
    assert found.scores.tolist() == [0.0]
    assert not found.masks.any()
    assert len(postprocess(output, [(32, 32)], [(32, 32)], min_score=0.01)[0]) == 0


def test_min_score_is_about_the_final_score():
    output = random_output()
    (everything,) = postprocess(output, [(32, 48)], [(32, 48)], threshold=0.0)
    least = everything.scores.sort().values[3].item()
    (sure,) = postprocess(output, [(32, 48)], [(32, 48)], threshold=0.0, min_score=least)
    expected = everything[everything.scores >= least]
    assert len(sure) == 3
    for name in ("scores", "labels", "masks"):
        assert torch.equal(getattr(sure, name), getattr(expected, name))


def test_detections_take_slices_indices_and_masks():
    (found,) = postprocess(random_output(), [(32, 48)], [(8, 8)], threshold=0.0)
    assert len(found) == 6
    assert torch.equal(found[2:4].labels, found.labels[[2, 3]])
    assert torch.equal(found[torch.tensor([5, 0])].masks, found.masks[[5, 0]])


class Largest(TorchDispatchMode):
    """The bytes of the largest tensor that is made, of all but bool ones."""

    bytes = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        for tensor in result if isinstance(result, tuple | list) else [result]:
            if isinstance(tensor, torch.Tensor) and tensor.dtype != torch.bool:
                self.bytes = max(self.bytes, tensor.numel() * tensor.itemsize)
        return result


def test_memory_is_bounded_on_a_large_original():
    """Five masks on 4,000 × 3,000 pixels are 240 MB in 32 bits at once; no more than two are."""
    probabilities = torch.rand(5, 8, 12, generator=torch.Generator().manual_seed(0))
    with Largest() as largest:
        masks = enlarge(probabilities, (32, 48), (30, 45), (3000, 4000))
    assert masks.shape == (5, 3000, 4000)
    assert largest.bytes <= 2 * 48_000_000
    whole = F.interpolate(probabilities[3:4, None], (32, 48), mode="bilinear")[..., :30, :45]
    assert torch.equal(masks[3], F.interpolate(whole, (3000, 4000), mode="bilinear")[0, 0] > 0.45)


def test_only_what_is_kept_is_enlarged():
    output = random_output(queries=64, height=64, width=64)
    with Largest() as largest:
        postprocess(output, [(256, 256)], [(256, 256)], threshold=2.0)
    assert largest.bytes <= 64 * 64 * 64 * 4


def test_sixteen_bit_logits_are_scored_in_thirty_two():
    output = random_output()
    half = SparseInstOutput(*(value.half() for value in vars(output).values()))
    (found,) = postprocess(half, [(32, 48)], [(32, 48)], threshold=0.0)
    assert found.scores.dtype == torch.float32
    exact = SparseInstOutput(*(value.float() for value in vars(half).values()))
    torch.testing.assert_close(found.scores, postprocess(exact, [(32, 48)], [(32, 48)], threshold=0.0)[0].scores)


@pytest.mark.parametrize(
    "sizes",
    [[], [(1, 2)], [(1, 2)] * 3, [(0, 5), (4, 5)], (64, 64), [(4.0, 5.0)] * 2, [(4, 5, 3)] * 2, 64, None, ["45"] * 2],
)
def test_wrong_sizes(sizes):
    wanted = re.escape(f"must be [(height, width)] in whole pixels, one pair for each of the 2 pictures, not {sizes!r}")
    output, right = random_output(batch=2), [(32, 48), (30, 40)]
    with pytest.raises(ValueError, match=f"^sizes {wanted}"):
        postprocess(output, right, sizes)
    with pytest.raises(ValueError, match=f"^image_sizes {wanted}"):
        postprocess(output, sizes, right)


@pytest.mark.parametrize(
    "sizes", [((30, 40),), [[30, 40]], np.array([[30, 40]]), torch.tensor([[30, 40]]), [torch.Size((30, 40))]]
)
def test_sizes_of_any_whole_numbers(sizes):
    (found,) = postprocess(random_output(), [(32, 48)], sizes, threshold=0.0)
    assert found.masks.shape == (6, 30, 40)


def test_nan_is_named():
    output = random_output(batch=2)
    output.class_logits[1, 2, 0] = float("nan")
    with pytest.raises(ValueError, match="picture 1 are not numbers"):
        postprocess(output, [(32, 48)] * 2, [(32, 48)] * 2)
