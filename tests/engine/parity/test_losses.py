"""Every loss with its options: values and gradients as PyTorch's."""

import warnings

import numpy as np
import pytest
import torch

import gradviz.engine as engine

pytestmark = pytest.mark.parity

rng = np.random.default_rng(0)
SCORES = rng.normal(size=(6, 4))
MAPS = rng.normal(size=(2, 4, 3))
OTHER = rng.normal(size=(6, 4))
THIRD = rng.normal(size=(6, 4))
SHARES = np.exp(OTHER) / np.exp(OTHER).sum(1, keepdims=True)
CLASSES = np.array([0, 3, 1, 2, 2, 1])
MAP_CLASSES = np.array([[0, 1, 3], [2, 2, 1]])
SIGNS = np.where(OTHER > 0, 1.0, -1.0)
SIGN = np.array([1.0, -1, 1, -1, -1, 1])
YES = (OTHER > 0).astype(float)
COUNTS = rng.poisson(2.0, size=(6, 4)).astype(float)
FACTORS = np.array([0.5, 2.0, 1.0, 0.25])
CLOSE = OTHER * 0.1 + SCORES

# name of the module, its options (arrays become tensors), its inputs; the first input gets a gradient
CASES = [
    ("CrossEntropyLoss", {}, (SCORES, CLASSES)),
    ("CrossEntropyLoss", {}, (SCORES[0], CLASSES[0])),
    ("CrossEntropyLoss", {}, (MAPS, MAP_CLASSES)),
    ("CrossEntropyLoss", {"weight": FACTORS, "ignore_index": 2}, (SCORES, CLASSES)),
    ("CrossEntropyLoss", {"label_smoothing": 0.1}, (SCORES, CLASSES)),
    (
        "CrossEntropyLoss",
        {"label_smoothing": 0.2, "weight": FACTORS, "ignore_index": 1},
        (SCORES, CLASSES),
    ),
    ("CrossEntropyLoss", {"label_smoothing": 0.2, "weight": FACTORS}, (MAPS, MAP_CLASSES)),
    ("CrossEntropyLoss", {}, (SCORES, SHARES)),
    ("CrossEntropyLoss", {"weight": FACTORS, "label_smoothing": 0.3}, (SCORES, SHARES)),
    ("NLLLoss", {}, (SCORES, CLASSES)),
    ("NLLLoss", {"weight": FACTORS, "ignore_index": 2}, (SCORES, CLASSES)),
    ("NLLLoss", {}, (MAPS, MAP_CLASSES)),
    ("MSELoss", {}, (SCORES, OTHER)),
    ("L1Loss", {}, (SCORES, OTHER)),
    ("SmoothL1Loss", {}, (SCORES, OTHER)),
    ("SmoothL1Loss", {"beta": 0.3}, (SCORES, CLOSE)),
    ("SmoothL1Loss", {"beta": 0.0}, (SCORES, OTHER)),
    ("HuberLoss", {"delta": 0.5}, (SCORES, OTHER)),
    ("BCELoss", {}, (SHARES, YES)),
    ("BCELoss", {"weight": FACTORS}, (SHARES, SHARES[::-1].copy())),
    ("BCEWithLogitsLoss", {}, (SCORES, YES)),
    ("BCEWithLogitsLoss", {"weight": FACTORS, "pos_weight": FACTORS * 2}, (SCORES, SHARES)),
    ("KLDivLoss", {}, (SCORES, SHARES)),
    ("KLDivLoss", {}, (SCORES, YES)),
    ("KLDivLoss", {"log_target": True}, (SCORES, OTHER)),
    ("PoissonNLLLoss", {}, (SCORES, COUNTS)),
    ("PoissonNLLLoss", {"full": True}, (SCORES, COUNTS)),
    ("PoissonNLLLoss", {"log_input": False}, (SHARES, COUNTS)),
    ("GaussianNLLLoss", {}, (SCORES, OTHER, SHARES)),
    ("GaussianNLLLoss", {"full": True}, (SCORES, OTHER, SHARES[:, :1].copy())),
    ("MultiMarginLoss", {}, (SCORES, CLASSES)),
    ("MultiMarginLoss", {"p": 2, "margin": 0.5, "weight": FACTORS}, (SCORES, CLASSES)),
    ("MultiMarginLoss", {}, (SCORES[0], CLASSES[0])),
    ("MultiLabelSoftMarginLoss", {}, (SCORES, YES)),
    ("MultiLabelSoftMarginLoss", {"weight": FACTORS}, (SCORES, YES)),
    ("MarginRankingLoss", {"margin": 0.2}, (SCORES[:, 0].copy(), OTHER[:, 0].copy(), SIGN)),
    ("CosineEmbeddingLoss", {"margin": 0.1}, (SCORES, OTHER, SIGN)),
    ("HingeEmbeddingLoss", {"margin": 0.7}, (SCORES, SIGNS)),
    ("SoftMarginLoss", {}, (SCORES, SIGNS)),
    ("TripletMarginLoss", {}, (SCORES, CLOSE, OTHER)),
    ("TripletMarginLoss", {"margin": 2.0, "p": 1.0, "swap": True}, (SCORES, THIRD, OTHER)),
]


def loss_and_gradient(torch, name, options, inputs):
    tensors = [torch.tensor(array) for array in inputs]
    tensors[0].requires_grad_()
    options = {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in options.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "mean" of KLDivLoss, in both
        loss = getattr(torch.nn, name)(**options)(*tensors)
    # weights that differ, so that elements of an unreduced loss cannot be mistaken for each other
    factors = torch.arange(1, loss.numel() + 1, dtype=loss.dtype).reshape(loss.shape)
    (loss * factors).sum().backward()
    return loss.detach().numpy(), tensors[0].grad.numpy()


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize(("name", "options", "inputs"), CASES)
def test_losses_and_their_gradients_agree(name, options, inputs, reduction):
    options = {**options, "reduction": reduction}
    ours, theirs = (loss_and_gradient(module, name, options, inputs) for module in (engine, torch))
    for a, b in zip(ours, theirs, strict=True):
        assert a.shape == b.shape and a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


def test_kl_div_by_batch_agrees():
    options, inputs = {"reduction": "batchmean"}, (SCORES, SHARES)
    ours, theirs = (loss_and_gradient(module, "KLDivLoss", options, inputs) for module in (engine, torch))
    np.testing.assert_allclose(ours[1], theirs[1], rtol=1e-10)


WRONG = [
    ("CrossEntropyLoss", (SCORES, CLASSES[:4])),
    ("CrossEntropyLoss", (SCORES, CLASSES + 3)),
    ("CrossEntropyLoss", (SCORES, CLASSES.astype(float))),
    ("BCELoss", (SHARES, YES[:3])),
    ("BCELoss", (SCORES, YES)),
    ("BCEWithLogitsLoss", (SCORES, YES[:3])),
]


@pytest.mark.parametrize(("name", "inputs"), WRONG)
def test_wrong_inputs_are_refused_alike(name, inputs):
    errors = []
    for module in (engine, torch):
        with pytest.raises((RuntimeError, ValueError, IndexError)) as refused:
            getattr(module.nn, name)()(*[module.tensor(array) for array in inputs])
        errors.append(refused)
    assert errors[0].type is errors[1].type
    assert str(errors[0].value).splitlines()[0] == str(errors[1].value).splitlines()[0]
