"""Losses: values worked out by hand, gradients against finite differences."""

import math

import numpy as np
import pytest

import gradviz.engine as torch
import gradviz.engine.nn.functional as F
from gradviz.engine import nn
from gradviz.engine.autograd import gradcheck

rng = np.random.default_rng(1)
SCORES = rng.normal(size=(5, 4))
OTHER = rng.normal(size=(5, 4))
SHARES = np.exp(OTHER) / np.exp(OTHER).sum(1, keepdims=True)
CLASSES = np.array([0, 3, 1, 2, 1])
SIGNS = np.where(OTHER > 0, 1.0, -1.0)
YES = (OTHER > 0).astype(float)
FACTORS = np.array([0.5, 2.0, 1.0, 0.25])


# -- values ------------------------------------------------------------------------------------------


def softmax(scores):
    return np.exp(scores) / np.exp(scores).sum(1, keepdims=True)


def test_cross_entropy_is_minus_the_log_of_the_right_classes_probability():
    loss = F.cross_entropy(torch.tensor(SCORES), torch.tensor(CLASSES), reduction="none")
    np.testing.assert_allclose(loss.numpy(), -np.log(softmax(SCORES)[np.arange(5), CLASSES]))


def test_cross_entropy_is_two_operations_on_the_graph():
    loss = nn.CrossEntropyLoss()(torch.tensor(SCORES, requires_grad=True), torch.tensor(CLASSES))
    assert loss.grad_fn.name() == "NllLossBackward0"
    assert loss.grad_fn.next_functions[0][0].name() == "LogSoftmaxBackward0"


def test_the_weighted_mean_divides_by_the_weights_that_count():
    kept = CLASSES != 2
    each = -np.log(softmax(SCORES)[np.arange(5), CLASSES]) * FACTORS[CLASSES]
    loss = nn.CrossEntropyLoss(weight=torch.tensor(FACTORS), ignore_index=2)
    value = loss(torch.tensor(SCORES), torch.tensor(CLASSES)).item()
    assert value == pytest.approx(each[kept].sum() / FACTORS[CLASSES][kept].sum())


def test_label_smoothing_is_cross_entropy_with_a_softened_target():
    soft = np.eye(4)[CLASSES] * 0.9 + 0.1 / 4
    smoothed = F.cross_entropy(torch.tensor(SCORES), torch.tensor(CLASSES), label_smoothing=0.1)
    by_shares = F.cross_entropy(torch.tensor(SCORES), torch.tensor(soft))
    assert smoothed.item() == pytest.approx(by_shares.item())
    assert by_shares.item() == pytest.approx(-(soft * np.log(softmax(SCORES))).sum(1).mean())


def test_scores_of_a_thousand_do_not_overflow():
    assert F.cross_entropy(torch.tensor([[1000.0, 0.0]]), torch.tensor([0])).item() == 0
    loss = F.binary_cross_entropy_with_logits(torch.tensor([-1000.0]), torch.tensor([1.0]))
    assert loss.item() == 1000


def test_losses_of_numbers():
    pair = torch.tensor([0.0, 3.0]), torch.tensor([0.5, 1.0])
    assert F.mse_loss(*pair).item() == pytest.approx((0.25 + 4) / 2)
    assert F.l1_loss(*pair).item() == pytest.approx((0.5 + 2) / 2)
    assert F.smooth_l1_loss(*pair).item() == pytest.approx((0.125 + 1.5) / 2)
    assert F.huber_loss(*pair, delta=2.0).item() == pytest.approx((0.125 + 2) / 2)


def test_kl_div_of_a_distribution_from_itself_is_zero():
    shares = torch.tensor(SHARES)
    assert F.kl_div(shares.log(), shares, reduction="batchmean").item() == pytest.approx(0, abs=1e-12)
    certain = torch.tensor([[1.0, 0.0]])
    assert F.kl_div(torch.tensor([[0.5, 0.5]]).log(), certain, reduction="sum").item() == pytest.approx(
        math.log(2)
    )


def test_multi_margin_counts_the_classes_within_the_margin():
    scores, target = torch.tensor([[0.1, 0.2, 0.4, 0.8]]), torch.tensor([3])
    assert F.multi_margin_loss(scores, target).item() == pytest.approx((0.3 + 0.4 + 0.6) / 4)


# -- reductions and refusals -------------------------------------------------------------------------


def test_reductions_sum_or_average_the_elements():
    pair = torch.tensor(SCORES), torch.tensor(OTHER)
    each = nn.MSELoss(reduction="none")(*pair)
    assert each.shape == (5, 4)
    assert nn.MSELoss(reduction="sum")(*pair).item() == pytest.approx(each.sum().item())
    assert nn.MSELoss()(*pair).item() == pytest.approx(each.mean().item())
    with pytest.raises(ValueError, match="average is not a valid value for reduction"):
        nn.MSELoss(reduction="average")(*pair)


def test_the_old_names_of_reductions_still_work():
    pair = torch.tensor(SCORES), torch.tensor(OTHER)
    with pytest.warns(UserWarning, match="please use reduction"):
        assert F.mse_loss(*pair, size_average=False).item() == F.mse_loss(*pair, reduction="sum").item()
    with pytest.warns(UserWarning, match="please use reduction"):
        assert nn.MSELoss(reduce=False).reduction == "none"


def test_shapes_that_differ_are_warned_of_or_refused():
    with pytest.warns(UserWarning, match="different to the input size"):
        F.l1_loss(torch.zeros(3, 1), torch.zeros(3))
    with pytest.raises(ValueError, match=r"Expected input batch_size \(5\) to match target batch_size \(3\)"):
        F.cross_entropy(torch.tensor(SCORES), torch.tensor(CLASSES[:3]))
    with pytest.raises(IndexError, match="Target 4 is out of bounds"):
        F.cross_entropy(torch.tensor(SCORES), torch.tensor(CLASSES + 4))
    with pytest.raises(RuntimeError, match=r"label_smoothing must be between 0.0 and 1.0. Got: 2"):
        F.cross_entropy(torch.tensor(SCORES), torch.tensor(CLASSES), label_smoothing=2)
    with pytest.raises(ValueError, match="var has negative"):
        F.gaussian_nll_loss(torch.zeros(2), torch.zeros(2), torch.tensor([1.0, -1.0]))


# -- gradients ---------------------------------------------------------------------------------------

GRADIENTS = [
    (nn.CrossEntropyLoss(), (SCORES, CLASSES)),
    (nn.CrossEntropyLoss(ignore_index=1, label_smoothing=0.2), (SCORES, CLASSES)),
    (nn.CrossEntropyLoss(label_smoothing=0.2, reduction="sum"), (SCORES, SHARES)),
    (nn.NLLLoss(reduction="none"), (SCORES, CLASSES)),
    (nn.MSELoss(), (SCORES, OTHER)),
    (nn.L1Loss(), (SCORES, OTHER)),
    (nn.SmoothL1Loss(beta=0.7), (SCORES, OTHER)),
    (nn.HuberLoss(delta=0.7), (SCORES, OTHER)),
    (nn.BCELoss(), (SHARES, YES)),
    (nn.BCEWithLogitsLoss(pos_weight=torch.tensor(FACTORS)), (SCORES, YES)),
    (nn.KLDivLoss(reduction="batchmean"), (SCORES, SHARES)),
    (nn.PoissonNLLLoss(full=True), (SCORES, YES)),
    (nn.GaussianNLLLoss(full=True), (SCORES, OTHER, SHARES)),
    (nn.MultiMarginLoss(p=2), (SCORES, CLASSES)),
    (nn.MultiLabelSoftMarginLoss(), (SCORES, YES)),
    (nn.MarginRankingLoss(0.3), (SCORES[:, 0].copy(), OTHER[:, 0].copy(), SIGNS[:, 0].copy())),
    (nn.CosineEmbeddingLoss(0.1), (SCORES, OTHER, SIGNS[:, 0].copy())),
    (nn.HingeEmbeddingLoss(), (SCORES, SIGNS)),
    (nn.SoftMarginLoss(), (SCORES, SIGNS)),
    (nn.TripletMarginLoss(swap=True), (SCORES, OTHER, SHARES)),
]


@pytest.mark.parametrize(("loss", "inputs"), GRADIENTS, ids=lambda x: type(x).__name__)
def test_gradients_are_those_of_finite_differences(loss, inputs):
    first, *others = [torch.tensor(array) for array in inputs]
    assert gradcheck(lambda x: loss(x, *others), (first.requires_grad_(),))


def test_a_loss_may_be_built_on_torchs_base_classes():
    class Focal(nn.modules.loss._WeightedLoss):
        def forward(self, scores, target):
            each = F.cross_entropy(scores, target, self.weight, reduction="none")
            return ((1 - (-each).exp()) ** 2 * each).mean()

    loss = Focal(weight=torch.tensor(FACTORS))
    assert gradcheck(lambda x: loss(x, torch.tensor(CLASSES)), (torch.tensor(SCORES, requires_grad=True),))
    assert list(loss.state_dict()) == ["weight"]


# -- sequences ---------------------------------------------------------------------------------------


def test_ctc_sums_over_all_ways_to_read_the_target():
    """Two frames read as "a": aa, a-, -a."""
    probs = torch.tensor([[[0.4, 0.6]], [[0.3, 0.7]]])
    loss = F.ctc_loss(probs.log(), torch.tensor([[1]]), (2,), (1,), reduction="sum")
    assert loss.item() == pytest.approx(-np.log(0.6 * 0.7 + 0.6 * 0.3 + 0.4 * 0.7))


def test_ctc_wants_a_blank_between_equal_labels():
    log_probs = torch.zeros(2, 1, 2).log_softmax(2)
    assert F.ctc_loss(log_probs, torch.tensor([[1, 1]]), (2,), (2,)).item() == float("inf")
    loss = F.ctc_loss(log_probs, torch.tensor([[1, 1]]), (2,), (2,), zero_infinity=True)
    assert loss.item() == 0


def test_ctc_takes_targets_in_one_row_as_well():
    torch.manual_seed(0)
    log_probs = torch.randn(6, 2, 4).log_softmax(2)
    padded = F.ctc_loss(log_probs, torch.tensor([[1, 2], [3, 0]]), (6, 5), (2, 1))
    assert F.ctc_loss(log_probs, torch.tensor([1, 2, 3]), (6, 5), (2, 1)).item() == padded.item()
    with pytest.raises(RuntimeError, match="Expected input_lengths to have value at most 6"):
        F.ctc_loss(log_probs, torch.tensor([1, 2, 3]), (7, 5), (2, 1))


def test_several_right_classes_win_by_a_margin():
    """Classes 3 and 0 are right, and too near to class 1: 0.7 and 0.6 missing; the list ends at -1."""
    x, target = torch.tensor([0.4, 0.0, -9.0, 0.3]), torch.tensor([3, 0, -1, 1])
    assert F.multilabel_margin_loss(x, target).item() == pytest.approx((0.7 + 0.6) / 4)


def test_triplets_by_any_distance():
    a, b, c = torch.tensor([[0.0]]), torch.tensor([[1.0]]), torch.tensor([[1.5]])
    loss = torch.nn.TripletMarginWithDistanceLoss(distance_function=lambda x, y: (x - y).abs().sum(-1))
    assert loss(a, b, c).item() == pytest.approx(0.5)
    with pytest.raises(ValueError, match="margin"):
        torch.nn.TripletMarginWithDistanceLoss(margin=0)


def test_the_linear_layer_inside_the_cross_entropy():
    torch.manual_seed(0)
    loss = torch.nn.LinearCrossEntropyLoss(3, 5, bias=True)
    x, target = torch.randn(4, 3), torch.tensor([0, 1, 4, 2])
    assert loss(x, target).item() == pytest.approx(F.cross_entropy(loss.linear(x), target).item())
