"""Changes in place, and views that see them."""

import pytest


def a_leaf_that_requires_grad_is_not_changed_while_recording(torch):
    x = torch.ones(3, requires_grad=True)
    words = "a leaf Variable that requires grad is being used in an in-place operation"
    for change in [lambda: x.add_(1), lambda: x.zero_(), lambda: x.mul_(2)]:
        with pytest.raises(RuntimeError, match=words):
            change()
    words = "a view of a leaf Variable that requires grad is being used in an in-place operation"
    for change in [lambda: x[0].add_(1), lambda: x.view(3, 1).mul_(2), lambda: x.__setitem__(0, 5)]:
        with pytest.raises(RuntimeError, match=words):
            change()


def under_no_grad_a_leaf_may_change_and_counts_the_version(torch):
    x = torch.ones(3, requires_grad=True)
    with torch.no_grad():
        x += 1
        x[0] = 5
    assert x.tolist() == [5, 2, 2] and x._version == 2 and x.is_leaf and x.requires_grad


def a_change_of_what_was_saved_is_noticed_at_backward_not_before(torch):
    words = "one of the variables needed for gradient computation has been modified by an inplace operation"
    for saves_its_output in [torch.exp, torch.sigmoid, torch.tanh, torch.relu, torch.sqrt]:
        y = saves_its_output(torch.ones(2, requires_grad=True))
        y += 1
        with pytest.raises(RuntimeError, match=words):
            y.sum().backward()
    for saves_its_input in [lambda t: t**2, torch.sin, torch.log, lambda t: t * t]:
        x = torch.ones(2, requires_grad=True) * 1
        y = saves_its_input(x)
        x += 1
        with pytest.raises(RuntimeError, match=words):
            y.sum().backward()


def a_change_of_what_was_not_saved_does_no_harm(torch):
    x = torch.ones(2, requires_grad=True)
    y = x + 1
    y *= 3
    y = y - 2
    y += 1
    y.sum().backward()
    assert x.grad.tolist() == [3, 3]


def the_message_names_the_tensor_and_its_versions(torch):
    x = torch.ones(2, 3, requires_grad=True)
    y = x.exp()
    y.add_(1)
    with pytest.raises(RuntimeError) as raised:
        y.sum().backward()
    words = (
        "[torch.FloatTensor [2, 3]], which is output 0 of Exp, is at version 1; expected version 0 instead"
    )
    assert words in str(raised.value)


def base_and_views_share_storage_and_version(torch):
    base = torch.zeros(4)
    view = base.view(2, 2)
    row = view[0]
    row += 1
    assert base.tolist() == [1, 1, 0, 0]
    assert base._version == view._version == row._version == 1
    assert row._base is base and row._is_view() and not base._is_view()


def a_change_through_a_view_belongs_to_the_base(torch):
    x = torch.arange(4.0).requires_grad_()
    base = x * 1
    base[1:3].mul_(10)
    assert base.grad_fn.name().endswith("CopySlices")
    base.sum().backward()
    assert x.grad.tolist() == [1, 10, 10, 1]


def a_change_of_the_base_changes_the_gradient_of_an_earlier_view(torch):
    x = torch.ones(3, requires_grad=True)
    base = x * 1
    view = base[:2]
    base *= 3
    view.sum().backward()
    assert x.grad.tolist() == [3, 3, 0]


def an_assignment_cuts_off_the_old_value_and_attaches_the_new(torch):
    x, new = torch.ones(3, requires_grad=True), torch.tensor(7.0, requires_grad=True)
    y = x * 2
    y[0] = 5.0
    y[1] = new
    (y * y).sum().backward()
    assert x.grad.tolist() == [0, 0, 8] and new.grad.item() == 14


def an_assignment_makes_a_plain_tensor_part_of_the_graph(torch):
    x, table = torch.tensor(2.0, requires_grad=True), torch.zeros(3)
    table[0] = x
    assert table.requires_grad and not table.is_leaf
    (table + 1).sum().backward()
    assert x.grad.item() == 1


def views_made_at_once_are_not_changed(torch):
    words = "This view is the output of a function that returns multiple views"
    for split in [torch.unbind, lambda t: t.split(2), lambda t: t.chunk(2)]:
        parts = split(torch.ones(4, requires_grad=True) * 1)
        with pytest.raises(RuntimeError, match=words):
            parts[0].mul_(2)


def a_view_made_under_no_grad_is_not_changed_while_recording(torch):
    base = torch.ones(3, requires_grad=True) * 1
    with torch.no_grad():
        view = base[:2]
    with pytest.raises(
        RuntimeError, match="A view was created in no_grad mode and is being modified inplace"
    ):
        view.mul_(2)


def view_refuses_strides_that_reshape_copies(torch):
    x = torch.arange(6).view(2, 3).t()
    with pytest.raises(
        RuntimeError, match=r"view size is not compatible with input tensor's size and stride"
    ):
        x.view(6)
    assert x.reshape(6).tolist() == [0, 3, 1, 4, 2, 5]
    assert x.reshape(6).data_ptr() != x.data_ptr()


def an_expanded_tensor_is_not_changed(torch):
    with pytest.raises(
        RuntimeError, match="more than one element of the written-to tensor refers to a single"
    ):
        torch.ones(1).expand(3).add_(1)


def a_result_in_place_keeps_the_shape_and_the_dtype(torch):
    with pytest.raises(
        RuntimeError, match=r"output with shape \[3\] doesn't match the broadcast shape \[2, 3\]"
    ):
        torch.ones(3).add_(torch.ones(2, 3))
    with pytest.raises(RuntimeError, match="result type Float can't be cast to the desired output type Long"):
        torch.ones(3, dtype=torch.int64).add_(1.5)


def augmented_assignment_changes_the_tensor_itself(torch):
    x = torch.tensor([7, 8])
    same = x
    x += 1
    x *= 3
    x //= 2
    x %= 7
    x <<= 2
    x |= 1
    x &= 29
    x ^= 2
    assert same is x and x.tolist() == [23, 27]
