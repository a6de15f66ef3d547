"""Every layer on the inputs that PyTorch tests it with: numbers, gradients, state, text and errors.

All inputs of nearly every layer; of those that have thousands every so many-th.
"""

import re
import warnings

import numpy as np
import pytest
import torch
from torch.testing._internal.common_modules import ModuleErrorEnum, module_db

import gradviz.engine as engine
from tests.engine.parity.translation import Translation, results

pytestmark = pytest.mark.parity
BOTH = (engine, torch)
TOLERANCE = {torch.float32: 1e-4, torch.float64: 1e-9}

MOST = 120  # inputs of a layer in a dtype and a mode

# layer: why it may disagree
SKIPS: dict[str, str] = {}


def compare(info, dtype, training, sample):
    """Raises AssertionError unless the engine's layer prints, computes and keeps what torch's does."""
    translate, tolerance = Translation(), TOLERANCE[dtype]
    made, given = sample.constructor_input, sample.forward_input
    for library in BOTH:
        library.manual_seed(0)
    theirs = info.module_cls(*made.args, **made.kwargs).to(dtype).train(training)
    ours = engine_class(info)(*translate(made.args), **translate(made.kwargs))
    ours.to(translate(dtype)).train(training)
    assert repr(ours) == repr(theirs)

    for tensor in results([*given.args, *given.kwargs.values()]):
        if isinstance(tensor, torch.Tensor) and not tensor.is_leaf:
            tensor.retain_grad()
    for library in BOTH:
        library.manual_seed(1)
    our_output = ours(*translate(given.args), **translate(given.kwargs))
    their_output = theirs(*given.args, **given.kwargs)
    same("output", results(our_output), results(their_output), tolerance)
    backward(engine, results(our_output))
    backward(torch, results(their_output))
    our_state, their_state = ours.state_dict(), theirs.state_dict()
    assert list(our_state) == list(their_state)
    same("state", our_state.values(), their_state.values(), tolerance)
    parameters = zip(ours.parameters(), theirs.parameters(), strict=True)
    leaves = zip(*reversed(translate.leaves()), strict=True)
    for our, their in [*parameters, *leaves]:
        same("gradients", [our.grad], [their.grad], tolerance)


def engine_class(info):
    return getattr(engine.nn, info.name.removeprefix("nn."))


def backward(library, outputs):
    outputs = [output for output in outputs if getattr(output, "requires_grad", False)]
    if outputs:
        random = np.random.default_rng(0)
        grads = [library.tensor(random.standard_normal(tuple(out.shape)), dtype=out.dtype) for out in outputs]
        library.autograd.backward(outputs, grads)


def same(what, ours, theirs, tolerance):
    """Raises AssertionError unless both are the same, up to a share of the largest number.

    Small numbers are sums in which large ones cancel.
    """
    for our, their in zip(ours, theirs, strict=True):
        if not isinstance(their, torch.Tensor):
            assert our == their or str(our) == str(their), f"{what}: {our!r}, not {their!r}"
            continue
        assert isinstance(our, engine.Tensor), f"{what}: {our!r}, not a tensor of {tuple(their.shape)}"
        our, their = our.numpy(force=True), their.numpy(force=True)
        assert our.dtype == their.dtype, f"{what}: {our.dtype}, not {their.dtype}"
        largest = np.abs(their[np.isfinite(their)]).max(initial=0)
        np.testing.assert_allclose(our, their, tolerance, tolerance * largest, err_msg=what)


def disagreement(info, *case):
    """What `compare` finds, in one line; None if nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compare(info, *case)
        except Exception as error:
            return " ".join(f"{type(error).__name__}: {error}".split())
    return None


@pytest.mark.parametrize("info", module_db, ids=lambda info: info.name)
def test_layer_agrees(info, record_property):
    judged = []
    for dtype in TOLERANCE:
        for training in (True, False):
            torch.manual_seed(0)
            samples = list(info.module_inputs_func(info, "cpu", dtype, True, training))
            for sample in samples[:: -(-len(samples) // MOST)]:
                made = sample.constructor_input
                text = f"{dtype} {'train' if training else 'eval'} {sample.desc} {made.args} {made.kwargs}"
                judged.append((text[:160], disagreement(info, dtype, training, sample)))
    wrong = [f"{sample}\n  {why[:400]}" for sample, why in judged if why is not None]
    record_property("agreement", (info.name, len(judged) - len(wrong), len(judged)))
    if info.name in SKIPS:
        assert wrong, "agrees now: take it off the list"
        pytest.skip(SKIPS[info.name])
    assert not wrong, "\n".join(wrong[:20])


@pytest.mark.filterwarnings("ignore:Possible nested set:FutureWarning")  # one of PyTorch's patterns
@pytest.mark.parametrize(
    "info", [info for info in module_db if info.module_error_inputs_func], ids=lambda info: info.name
)
def test_errors_have_torchs_words(info):
    for training in (True, False):
        for sample in info.module_error_inputs_func(info, "cpu", torch.float32, False, training):
            with pytest.raises(sample.error_type) as raised:
                fail(engine_class(info), sample)
            assert re.search(sample.error_regex, str(raised.value))


def fail(layer_class, sample):
    translate = Translation()
    made, given = sample.module_error_input.constructor_input, sample.module_error_input.forward_input
    layer = layer_class(*translate(made.args), **translate(made.kwargs))
    if sample.error_on is ModuleErrorEnum.FORWARD_ERROR:
        layer(*translate(given.args), **translate(given.kwargs))
