"""Functions that watch or replace gradients and saved tensors."""

import pytest


def hooks_fire_in_a_fixed_order(torch):
    x, order = torch.ones(1, requires_grad=True), []
    y = x * 2
    y.grad_fn.register_hook(lambda grads_in, grads_out: order.append("after the node"))
    y.grad_fn.register_prehook(lambda grads_out: order.append("before the node"))
    y.register_hook(lambda g: order.append("tensor"))
    x.register_hook(lambda g: order.append("leaf"))
    x.register_post_accumulate_grad_hook(lambda t: order.append(f"accumulated {t.grad.item()}"))
    y.backward()
    assert order == ["tensor", "before the node", "after the node", "leaf", "accumulated 2.0"]


def a_tensor_hook_sees_the_summed_gradient_once(torch):
    x, seen = torch.ones(2, requires_grad=True), []
    y = x * 1
    y.register_hook(lambda g: seen.append(g.tolist()))
    (y * 2 + y * 3).sum().backward()
    assert seen == [[5, 5]]


def what_a_hook_returns_replaces_the_gradient_until_it_is_removed(torch):
    x = torch.ones(2, requires_grad=True)
    handle = x.register_hook(lambda g: g * 10)
    x.sum().backward()
    handle.remove()
    x.sum().backward()
    assert x.grad.tolist() == [11, 11]


def a_hook_may_not_change_the_kind_of_a_gradient(torch):
    x = torch.ones(3, requires_grad=True)
    for hook, error, words in [
        (lambda g: torch.ones(5), RuntimeError, "hook '<lambda>' has changed the size of value"),
        (lambda g: g.double(), RuntimeError, "was torch.FloatTensor got torch.DoubleTensor"),
        (lambda g: 3, TypeError, "expected Variable, but hook returned 'int'"),
    ]:
        y = x * 2
        y.register_hook(hook)
        with pytest.raises(error, match=words):
            y.sum().backward()


def a_node_hook_returns_as_many_gradients_as_there_are(torch):
    y = torch.ones(2, requires_grad=True) * torch.ones(2, requires_grad=True)
    y.grad_fn.register_hook(lambda grads_in, grads_out: grads_in[:1])
    with pytest.raises(RuntimeError, match=r"incorrect number of values \(got 1, but expected 2\)"):
        y.sum().backward()


def a_hook_needs_a_tensor_that_requires_grad(torch):
    with pytest.raises(
        RuntimeError, match="cannot register a hook on a tensor that doesn't require gradient"
    ):
        torch.ones(2).register_hook(print)
    with pytest.raises(RuntimeError, match="post accumulate grad hooks cannot be registered on non-leaf"):
        (torch.ones(2, requires_grad=True) * 2).register_post_accumulate_grad_hook(print)


def a_multi_grad_hook_gets_all_gradients_that_a_backward_reaches(torch):
    x, y, seen = torch.ones(1, requires_grad=True), torch.ones(1, requires_grad=True), []
    handle = torch.autograd.graph.register_multi_grad_hook(
        (x, y), lambda grads: seen.append([None if g is None else g.item() for g in grads])
    )
    (x * y * 2).sum().backward()
    (x * 3).sum().backward()
    handle.remove()
    (x * y).sum().backward()
    assert seen == [[2, 2], [3, None]]


def a_multi_grad_hook_for_any_gets_the_first_gradient(torch):
    x, seen = torch.ones(1, requires_grad=True), []
    y = x * 2
    with torch.autograd.graph.register_multi_grad_hook((x, y), seen.append, mode="any"):
        (y * 5).sum().backward()
    assert [g.item() for g in seen] == [5]


def saved_tensors_hooks_pack_and_unpack_what_is_saved(torch):
    x, packed, unpacked = torch.tensor([1.0, 2.0], requires_grad=True), [], []

    def pack(tensor):
        packed.append(tensor.tolist())
        return tensor.detach().cpu().numpy()

    def unpack(array):
        unpacked.append(array.tolist())
        return torch.from_numpy(array).to(x.device)

    with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
        y = (x * 3).pow(2)
    assert packed == [[3, 6]] and unpacked == []
    y.sum().backward()
    assert unpacked == [[3, 6]] and x.grad.tolist() == [18, 36]


def saved_tensors_hooks_get_what_a_custom_function_saves(torch):
    class Square(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, g):
            return 2 * ctx.saved_tensors[0] * g

    x = torch.tensor([3.0], requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(lambda t: t.item(), lambda v: torch.tensor([v + 1])):
        y = Square.apply(x)
    y.backward()
    assert x.grad.tolist() == [8]


def an_unpack_hook_returns_a_tensor(torch):
    with torch.autograd.graph.saved_tensors_hooks(lambda t: t, lambda t: 3):
        y = torch.ones(2, requires_grad=True).exp()
    with pytest.raises(TypeError, match="unpack_hook expected to be a Tensor but got result of type"):
        y.sum().backward()


def saved_tensors_hooks_can_be_forbidden(torch):
    hooks = torch.autograd.graph.save_on_cpu()
    forbidden = torch.autograd.graph.disable_saved_tensors_hooks("not here")
    with forbidden, pytest.raises(RuntimeError, match="not here"), hooks:
        pass


def save_on_cpu_changes_no_gradient(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with torch.autograd.graph.save_on_cpu():
        y = (x * x).sum()
    y.backward()
    assert x.grad.tolist() == [2, 4]
