"""When operations are recorded, and what the graph looks like."""

import threading

import pytest


def grad_fn_is_set_only_if_an_input_requires_grad_and_grad_mode_is_on(torch):
    x, plain = torch.ones(2, requires_grad=True), torch.ones(2)
    assert (x * plain).grad_fn is not None and (plain * plain).grad_fn is None
    with torch.no_grad():
        assert (x * plain).grad_fn is None


def comparisons_and_positions_never_require_grad(torch):
    x = torch.ones(2, requires_grad=True)
    for result in [
        x > 0,
        x == x,
        x.argmax(),
        x.argsort(),
        x.long(),
        x.isnan(),
        x.sort().indices,
        x.nonzero(),
    ]:
        assert not result.requires_grad


def only_floating_tensors_may_require_grad(torch):
    words = "[Oo]nly Tensors of floating point (and complex )?dtype can require gradients"
    for mistake in [
        lambda: torch.tensor([1], requires_grad=True),
        lambda: torch.tensor([1]).requires_grad_(),
        lambda: setattr(torch.tensor([True]), "requires_grad", True),
        lambda: torch.nn.Parameter(torch.tensor([1])),
    ]:
        with pytest.raises(RuntimeError, match=words):
            mistake()


def grad_mode_is_thread_local(torch):
    seen = []
    with torch.no_grad():
        thread = threading.Thread(target=lambda: seen.append(torch.is_grad_enabled()))
        thread.start()
        thread.join()
    assert seen == [True]


def grad_modes_nest(torch):
    with torch.no_grad():
        with torch.enable_grad():
            assert torch.is_grad_enabled()
            with torch.set_grad_enabled(False):
                assert not torch.is_grad_enabled()
        assert not torch.is_grad_enabled()
    assert torch.is_grad_enabled()


def grad_modes_decorate_functions(torch):
    x = torch.ones(2, requires_grad=True)

    @torch.no_grad()
    def double(t):
        return t * 2

    @torch.no_grad
    def triple(t):
        return t * 3

    assert not double(x).requires_grad and not triple(x).requires_grad
    assert double.__name__ == "double" and torch.is_grad_enabled()


def grad_modes_decorate_generators_and_the_caller_keeps_its_own(torch):
    x = torch.ones(2, requires_grad=True)

    @torch.no_grad()
    def halves():
        sent = yield (x / 2).requires_grad
        yield sent, (x / 2).requires_grad

    generator = halves()
    assert next(generator) is False and torch.is_grad_enabled()
    assert generator.send("back") == ("back", False)


def a_parameter_made_under_no_grad_still_requires_grad(torch):
    with torch.no_grad():
        assert torch.nn.Parameter(torch.ones(2)).requires_grad


def inference_mode_makes_tensors_that_autograd_never_saves(torch):
    weight = torch.ones(2, requires_grad=True)
    with torch.inference_mode():
        made = torch.ones(2) * 2
        assert torch.is_inference_mode_enabled() and made.is_inference() and not weight.is_inference()
        made += 1
    assert (made + 1).tolist() == [4, 4] and (weight + made).requires_grad
    with pytest.raises(RuntimeError, match="Inference tensors cannot be saved for backward"):
        weight * made
    with pytest.raises(RuntimeError, match="Inplace update to inference tensor outside InferenceMode"):
        made.add_(1)
    with pytest.raises(RuntimeError, match="Setting requires_grad=True on inference tensor outside"):
        made.requires_grad_()
    with pytest.raises(RuntimeError, match="Inference tensors do not track version counter"):
        _ = made._version
    assert (weight * made.clone()).requires_grad


def views_keep_to_the_mode_that_their_base_was_made_in(torch):
    normal = torch.ones(4)
    with torch.inference_mode():
        made = torch.ones(4)
        assert made.view(2, 2).is_inference() and not normal.view(2, 2).is_inference()
    assert made[0].is_inference()


def inference_mode_decorates(torch):
    @torch.inference_mode()
    def double(t):
        return t * 2

    assert double(torch.ones(2)).is_inference() and not torch.is_inference_mode_enabled()


def detach_shares_storage_and_version_but_data_shares_only_storage(torch):
    x = torch.ones(2, requires_grad=True)
    x.detach().mul_(2)
    assert x.tolist() == [2, 2] and x._version == 1
    x.data.mul_(2)
    assert x.tolist() == [4, 4] and x._version == 1
    assert not x.detach().requires_grad and not x.data.requires_grad


def nodes_have_torchs_names(torch):
    x = torch.ones(2, 2, requires_grad=True)
    for result, name in [
        (x * 2, "MulBackward0"),
        (x[0], "SelectBackward0"),
        (x[:1], "SliceBackward0"),
        (1 - x, "RsubBackward1"),
        (x.t(), "TBackward0"),
        (x.sum(0), "SumBackward1"),
        (torch.relu(x), "ReluBackward0"),
        (x @ x, "MmBackward0"),
        (x.clone(), "CloneBackward0"),
    ]:
        assert result.grad_fn.name() == name


def next_functions_are_pairs_of_node_and_output_number(torch):
    x = torch.arange(4.0).requires_grad_()
    _, second = x.chunk(2)
    (product, nr), constant = (second * 2 + torch.ones(2)).grad_fn.next_functions
    assert product.name() == "MulBackward0" and nr == 0
    assert constant == (None, 0)
    assert product.next_functions[0][1] == 1
    (leaf, nr), _ = (x * 2).grad_fn.next_functions
    assert leaf.variable is x and nr == 0


def a_node_shows_what_it_saved(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    assert torch.equal((x * x).grad_fn._saved_self, x)
    y = x.exp()
    assert torch.equal(y.grad_fn._saved_result, y)
