"""The backward graph as it follows from the forward one."""

import numpy as np

from gradviz.trace import Input, Iteration, Node, TensorInfo
from gradviz.trace.backward_graph import (
    NextFunction,
    backward_key,
    backward_name,
    forward_key,
    gradient_edges,
    has_backward,
    is_backward,
    next_functions,
    previous_functions,
)

LEARNED, GIVEN = TensorInfo((3,), "float32", True), TensorInfo((3,), "float32")
INDICES = TensorInfo((3,), "int64")


def node(number: int, kind: str, outputs=(LEARNED,), **rest) -> Node:
    return Node(id=number, key=f"/n{number}", kind=kind, name=f"n{number}", outputs=outputs, **rest)


NODES = [
    node(0, "parameter"),
    node(1, "input", (GIVEN,)),
    node(2, "operation", grad_fn="MulBackward0", inputs=(Input(0, 0, "input"), Input(1, 0, "other"))),
    node(3, "operation", (LEARNED, INDICES), grad_fn="SortBackward0", inputs=(Input(2, 0, "input"),)),
    node(4, "operation", grad_fn="AddBackward0", inputs=(Input(3, 0, "input"), Input(0, 0, "other"))),
    node(5, "operation", (GIVEN,), inputs=(Input(4, 0, "input"),)),  # under no_grad
    node(6, "operation", grad_fn="GatherBackward0", inputs=(Input(4, 0, "input"), Input(3, 1, "index"))),
]
ITERATION = Iteration(0, nodes=NODES)


def test_operations_are_called_as_torch_calls_them_and_leaves_accumulate():
    assert [backward_name(node) for node in NODES] == [
        "AccumulateGrad",
        "",
        "MulBackward0",
        "SortBackward0",
        "AddBackward0",
        "",
        "GatherBackward0",
    ]


def test_next_functions_leave_out_what_needs_no_gradient():
    assert next_functions(NODES, NODES[2]) == [NextFunction("input", 0, 0, "AccumulateGrad")]
    assert next_functions(NODES, NODES[4]) == [
        NextFunction("input", 3, 0, "SortBackward0"),
        NextFunction("other", 0, 0, "AccumulateGrad"),
    ]
    assert next_functions(NODES, NODES[5]) == [] == next_functions(NODES, NODES[0])


def test_a_leaf_has_a_backward_node_once_a_gradient_is_sent_there():
    assert has_backward(ITERATION).tolist() == [True, False, True, True, True, False, True]
    unused = Iteration(0, nodes=[NODES[0], NODES[1]])
    assert not has_backward(unused).any()


def test_an_output_that_is_an_index_passes_no_gradient_on():
    assert [each.node for each in next_functions(NODES, NODES[6])] == [4]


def test_edges_are_told_apart_in_their_order():
    assert gradient_edges(ITERATION).tolist() == [True, False, True, True, True, False, True, False]


def test_previous_functions_are_the_next_ones_turned_round():
    for each in NODES:
        senders = [
            other.id for other in NODES if any(f.node == each.id for f in next_functions(NODES, other))
        ]
        assert [f.node for f in previous_functions(ITERATION, each)] == senders[::-1]


def test_a_key_names_the_forward_node_or_its_backward_node():
    assert forward_key(backward_key("/n2")) == forward_key("/n2") == "/n2"
    assert is_backward(backward_key("net/")) and not is_backward("net/")
    assert np.all([backward_key(node.key) != node.key for node in NODES])
