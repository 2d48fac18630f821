"""Heads alone: the same answers as the whole decoder, the same batches for the same seed, nothing else moves."""

import pytest
import torch

from course_lib.instances import SparseInst, SparseInstCriterion
from course_lib.training.instance_heads import head_features, heads_alone, train_heads

SMALL = {"num_classes": 4, "num_masks": 6, "width": 16, "kernel_width": 8, "depth": 2}


def network(**changed) -> SparseInst:
    torch.manual_seed(0)
    return SparseInst("mobilenetv3", **{**SMALL, **changed}).requires_grad_(False)


@pytest.fixture(scope="module")
def trained_before() -> SparseInst:
    return network()


def pictures(count: int = 10) -> torch.Tensor:
    return torch.rand(count, 3, 32, 32, generator=torch.Generator().manual_seed(1))


def targets(count: int = 10) -> list[dict[str, torch.Tensor]]:
    masks = torch.zeros(2, 32, 32, dtype=torch.bool)
    masks[0, 3:14, 3:14], masks[1, 17:30, 9:30] = True, True
    return [{"labels": torch.tensor([1, 3]), "masks": masks} for _ in range(count)]


@pytest.mark.parametrize(
    "changed",
    [{}, {"decoder": "base", "coordinates": False, "objectness": False}, {"decoder": "group_softmax", "groups": 2}],
    ids=str,
)
def test_heads_on_their_features_answer_as_the_network_does(changed):
    model = network(**changed)
    answer, expected = heads_alone(model.decoder)(head_features(model, pictures())), model.eval()(pictures())
    for name, tensor in vars(expected).items():
        if tensor is None:
            assert getattr(answer, name) is None
        else:
            torch.testing.assert_close(getattr(answer, name), tensor, rtol=1e-4, atol=1e-5)


def test_features_leave_the_mode_as_it_was(trained_before):
    model = trained_before
    for training in (True, False):
        before = {name: tensor.clone() for name, tensor in model.train(training).state_dict().items()}
        head_features(model, pictures(2))
        assert model.training is training
        assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())


def test_training_moves_a_copy_and_lowers_the_loss(trained_before):
    model = trained_before
    heads, features = heads_alone(model.decoder), head_features(model, pictures())
    before = {name: tensor.clone() for name, tensor in heads.state_dict().items()}
    criterion = SparseInstCriterion(4)
    trained = train_heads(heads, features, targets(), criterion, steps=25)
    assert all(torch.equal(tensor, before[name]) for name, tensor in heads.state_dict().items())
    assert not any(weight.requires_grad for weight in trained.parameters())
    first, last = (float(sum(criterion(h(features), targets()).values())) for h in (heads, trained))
    assert last < 0.97 * first


def test_the_seed_decides_the_batches_and_the_criterion_the_difference(trained_before):
    model = trained_before
    heads, features = heads_alone(model.decoder), head_features(model, pictures())

    def weights(sampling: str = "centre", seed: int = 0) -> torch.Tensor:
        criterion = SparseInstCriterion(4, target_sampling=sampling)
        trained = train_heads(heads, features, targets(), criterion, 2, seed)
        return torch.nn.utils.parameters_to_vector(trained.parameters())

    assert torch.equal(weights(), weights())
    assert not torch.equal(weights(), weights("area"))
    assert not torch.equal(weights(), weights(seed=1))


def test_as_many_targets_as_pictures(trained_before):
    model = trained_before
    with pytest.raises(ValueError, match="10 pictures, but targets of 9"):
        train_heads(heads_alone(model.decoder), torch.zeros(10, 32, 4, 4), targets(9), SparseInstCriterion(4), 1)
