"""What backward does, when it runs and when it refuses."""

import warnings

import pytest


def a_result_that_is_no_scalar_needs_a_gradient_to_start_from(torch):
    x = torch.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match="grad can be implicitly created only for scalar outputs"):
        (x * 2).backward()
    (x * 2).backward(torch.tensor([1.0, 10.0]))
    assert x.grad.tolist() == [2, 20]


def without_a_graph_there_is_no_backward(torch):
    words = "element 0 of tensors does not require grad and does not have a grad_fn"
    for result in [torch.ones(()), torch.ones(2, requires_grad=True).detach().sum()]:
        with pytest.raises(RuntimeError, match=words):
            result.backward()


def a_shared_node_runs_once_after_all_its_consumers(torch):
    x, runs = torch.tensor(3.0, requires_grad=True), []
    shared = x * x
    shared.grad_fn.register_hook(lambda grads_in, grads_out: runs.append(grads_out[0].item()))
    (shared * 2 + shared.exp() * 0 + shared).backward()
    assert runs == [3] and x.grad.item() == 18


def a_chain_of_100_000_operations_does_not_recurse(torch):
    x = torch.ones((), requires_grad=True)
    y = x
    for _ in range(100_000):
        y = y + 1
    y.backward()
    del y
    assert x.grad.item() == 1


def broadcast_gradients_are_summed_to_the_shape_and_cast_to_the_dtype(torch):
    bias = torch.ones(3, requires_grad=True, dtype=torch.float16)
    (torch.ones(4, 3) * bias).sum().backward()
    assert bias.grad.tolist() == [4, 4, 4] and bias.grad.dtype == torch.float16
    x = torch.ones(2, dtype=torch.float16, requires_grad=True)
    x.float().mul(3).half().sum().backward()
    assert x.grad.dtype == torch.float16 and x.grad.tolist() == [3, 3]


def unused_outputs_of_a_node_count_as_zeros(torch):
    x = torch.arange(6.0).requires_grad_()
    first, _, _ = x.split(2)
    first.sum().backward()
    assert x.grad.tolist() == [1, 1, 0, 0, 0, 0]
    x = torch.tensor([3.0, 1.0, 2.0], requires_grad=True)
    x.sort().values[0].backward()
    assert x.grad.tolist() == [0, 1, 0]


def a_second_backward_fails_only_if_a_node_saved_something(torch):
    x = torch.ones(2, requires_grad=True)
    sum_ = (x + 1).sum()
    sum_.backward()
    sum_.backward()
    product = (x * x).sum()
    product.backward()
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        product.backward()


def a_shared_subgraph_is_freed_with_the_first_backward(torch):
    x = torch.ones(2, requires_grad=True)
    shared = x.exp()
    shared.sum().backward()
    with pytest.raises(RuntimeError, match="second time"):
        (shared * 2).sum().backward()


def retain_graph_keeps_the_graph_for_another_backward(torch):
    x = torch.tensor(2.0, requires_grad=True)
    y = x**2
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.item() == 8


def grad_accumulates_in_place_and_out_of_place_under_create_graph(torch):
    x = torch.ones(2, requires_grad=True)
    (x * 2).sum().backward()
    first = x.grad
    (x * 3).sum().backward()
    assert x.grad is first and first.tolist() == [5, 5]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns of a reference cycle
        (x**2).sum().backward(create_graph=True)
    assert x.grad is not first and x.grad.requires_grad and first.tolist() == [5, 5]


def gradients_share_no_memory(torch):
    x, y = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    g = torch.ones(2)
    (x + y).backward(g)
    x.grad += 5
    assert y.grad.tolist() == [1, 1] and g.tolist() == [1, 1]


def backward_inputs_limits_where_gradients_go(torch):
    x, y = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    (x * y).sum().backward(inputs=[y])
    assert x.grad is None and y.grad.tolist() == [1, 1]
    with pytest.raises(RuntimeError, match="cannot be empty"):
        (x * y).sum().backward(inputs=[])


def several_roots_are_differentiated_at_once(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    torch.autograd.backward([x.sum(), x * 2], [None, torch.tensor([1.0, 10.0])])
    assert x.grad.tolist() == [3, 21]


def autograd_grad_leaves_grad_alone_and_works_on_non_leaves(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    middle = x * 2
    (g_middle, g_x) = torch.autograd.grad((middle**2).sum(), [middle, x])
    assert g_middle.tolist() == [4, 8] and g_x.tolist() == [8, 16] and x.grad is None


def autograd_grad_of_an_unused_tensor_must_be_allowed(torch):
    x, unused = torch.ones(2, requires_grad=True), torch.ones(3, requires_grad=True)
    with pytest.raises(RuntimeError, match="appears to not have been used in the graph"):
        torch.autograd.grad(x.sum(), [x, unused])
    assert torch.autograd.grad(x.sum(), [x, unused], allow_unused=True)[1] is None
    zeros = torch.autograd.grad(x.sum(), [x, unused], materialize_grads=True)[1]
    assert zeros.tolist() == [0, 0, 0]


def a_batch_of_gradients_gives_a_batch_of_products(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    (jacobian,) = torch.autograd.grad(x**2, x, torch.eye(2), is_grads_batched=True)
    assert jacobian.tolist() == [[2, 0], [0, 4]]


def create_graph_allows_gradients_of_gradients(torch):
    x = torch.tensor(2.0, requires_grad=True)
    (first,) = torch.autograd.grad(x**3, x, create_graph=True)
    (second,) = torch.autograd.grad(first, x, create_graph=True)
    (third,) = torch.autograd.grad(second, x)
    assert [first.item(), second.item(), third.item()] == [12, 12, 6]


def grad_of_a_non_leaf_warns_unless_it_is_retained(torch):
    x = torch.ones(2, requires_grad=True)
    y = x * 2
    with pytest.warns(UserWarning, match="attribute of a Tensor that is not a leaf Tensor is being accessed"):
        assert y.grad is None
    y.retain_grad()
    (y * 3).sum().backward()
    assert y.grad.tolist() == [3, 3] and y.retains_grad


def an_assigned_grad_must_have_the_type_shape_and_dtype_of_its_tensor(torch):
    x = torch.ones(2, requires_grad=True)
    for wrong, error, words in [
        (3, TypeError, "assigned grad expected to be a Tensor or None but got grad of type"),
        (torch.ones(3), RuntimeError, r"size '\[3\]' to a tensor of size '\[2\]'"),
        (torch.ones(2).double(), RuntimeError, "gradient with dtype 'double' to a tensor with grad_dtype"),
    ]:
        with pytest.raises(error, match=words):
            x.grad = wrong
    x.grad = torch.ones(2)
    x.grad = None
