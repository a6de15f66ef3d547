"""Boxes for what repeats itself: rounds of a loop, calls of a module, long rows; whatever the program."""

from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from gradviz.trace import Input, Iteration, Node, Scope, Source, TensorInfo
from gradviz.trace.folding import MAX_MEMBERS, PIECE, Folding, fold
from gradviz.trace.graph import Call

SCALAR = (TensorInfo((), "float32", True),)


def program(
    *operations: tuple[str, int] | tuple[str, int, str, int], calls: Sequence[Call] = ()
) -> Iteration:
    """Operations (name, line), each on the result of the one before; with a scope and a call after that."""
    nodes = []
    for i, (name, line, *place) in enumerate(operations):
        scope, call = place or ("", -1)
        nodes.append(
            Node(
                id=i,
                key=f"{scope}/{name}#{i}",
                kind="operation",
                name=name,
                scope=scope,
                call=call,
                inputs=(Input(i - 1),) if i else (),
                outputs=SCALAR,
                source=Source("a.py", line),
            )
        )
    return Iteration(0, nodes=nodes, calls=list(calls))


def members(folding: Folding) -> Counter[str]:
    """How many cards and boxes there are in every box."""
    found = Counter(folding.of)
    for path in folding.scopes:
        outer = path
        while outer:
            outer = outer.rpartition(".")[0]
            if outer in folding.scopes:
                break
        found[outer] += 1
    return found


def test_a_short_program_has_its_modules_as_boxes():
    iteration = program(("mul", 1), ("addmm", 2, "net.fc1", -1))
    iteration.scopes = [Scope("net", "Net"), Scope("net.fc1", "Linear")]
    folding = fold(iteration)
    assert list(folding.scopes) == ["net", "net.fc1"] and folding.of == ("", "net.fc1")


def test_the_rounds_of_a_loop_are_boxes_named_by_its_line():
    folding = fold(program(("exp", 1), *[("mul", 3), ("add", 4), ("tanh", 5)] * 20, ("sum", 7)))
    assert folding.of[0] == folding.of[-1] == ""
    assert folding.of[1:4] == (":3.[1]",) * 3 and folding.of[58:61] == (":3.[20]",) * 3
    assert folding.scopes[":3"].title == ":3 ×20"


def test_loops_in_loops_are_boxes_in_boxes():
    layer = [*[("mul", 3), ("add", 3)] * 5, ("tanh", 4)]
    folding = fold(program(*layer * 6, ("sum", 9)))
    assert folding.of[0] == ":3.[1].:3.[1]"
    assert folding.of[10] == ":3.[1]"  # the first tanh
    assert folding.of[11] == ":3.[2].:3.[1]"


def test_a_row_of_one_operation_is_one_box_in_pieces():
    folding = fold(program(("exp", 1), *[("mul", 2)] * 1000))
    assert folding.of[1].startswith("mul.[1–32]")
    assert folding.scopes["mul"].title == "mul ×1000"
    assert max(members(folding).values()) <= MAX_MEMBERS


def test_many_calls_of_a_module_get_a_box_each_and_few_do_not():
    def calls(count: int) -> Folding:
        operations = [(name, 5, "cell", call) for call in range(count) for name in ("addmm", "tanh")]
        iteration = program(*operations, calls=[Call("cell")] * count)
        iteration.scopes = [Scope("cell", "RNNCell")]
        return fold(iteration)

    assert set(calls(2).of) == {"cell"}
    assert calls(100).of[14:16] == ("cell.[1–32].[8]",) * 2


def test_an_operation_of_a_call_that_no_module_is_known_of_stays_where_it_was():
    iteration = program(("mul", 5, "", 0), calls=[Call("net.1")])
    assert fold(iteration).of == ("",)


def test_modules_inside_a_repeated_call_are_inside_its_box():
    calls = [Call("block") if i % 2 == 0 else Call("block.fc", i - 1) for i in range(10)]
    iteration = program(*[("addmm", 5, "block.fc", 2 * i + 1) for i in range(5)], calls=calls)
    iteration.scopes = [Scope("block", "Block"), Scope("block.fc", "Linear", "3 → 3")]
    folding = fold(iteration)
    assert folding.of[2] == "block.[3].fc"
    assert folding.scopes["block.[3].fc"].detail == "3 → 3"


def test_a_leaf_goes_to_the_round_that_uses_it_and_a_modules_input_stays_outside():
    leaf = Node(id=0, key="/x", kind="input", name="x", outputs=SCALAR)
    iteration = program(*[("mul", 3), ("add", 4)] * 20)
    nodes = [leaf]
    for node in iteration.nodes:
        inputs = tuple(Input(edge.node + 1) for edge in node.inputs)
        inputs += (Input(0),) if node.id == 6 else ()
        fields = {name: getattr(node, name) for name in node.__struct_fields__}
        nodes.append(Node(**fields | {"id": node.id + 1, "inputs": inputs}))
    assert fold(Iteration(0, nodes=nodes)).of[0] == "[4]"
    inside = Node(
        id=1, key="fc/addmm", kind="operation", name="addmm", scope="fc", inputs=(Input(0),), outputs=SCALAR
    )
    assert fold(Iteration(0, nodes=[leaf, inside], scopes=[Scope("fc", "Linear")])).of == ("", "fc")


def test_many_leaves_are_a_box():
    leaves = [Node(id=i, key=f"/w{i}", kind="parameter", name=f"w{i}", outputs=SCALAR) for i in range(200)]
    folding = fold(Iteration(0, nodes=leaves))
    assert folding.scopes["parameter"].title == "parameter ×200"
    assert members(folding)[""] == 1 and max(members(folding).values()) <= PIECE


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "c.d"]), st.integers(1, 3)), max_size=400))
def test_no_box_holds_more_than_can_be_looked_at(operations):
    iteration = program(*operations)
    folding = fold(iteration)
    assert len(folding.of) == len(iteration.nodes)
    assert set(folding.of) <= {"", *folding.scopes}
    assert max(members(folding).values(), default=0) <= MAX_MEMBERS
    assert fold(program(*operations)) == folding


@given(st.integers(3, 40), st.integers(1, 5))
def test_the_same_loop_is_folded_alike_whatever_its_length(rounds, length):
    body = [(f"op{i}", 10 + i) for i in range(length)]
    folding = fold(program(("start", 1), ("start", 2), *body * (rounds + 24), ("end", 99)))
    assert folding.of[2 : 2 + length] == (folding.of[2],) * length
    assert len(set(folding.of)) > rounds if length > 1 else len(set(folding.of)) >= 2


def test_a_box_that_goes_into_a_piece_takes_along_what_was_folded_in_it():
    blocks = [(f"net.{block}", -1) for block in range(200)]
    iteration = program(*[("mul", 2, *block) for block in blocks for _ in range(100)])
    iteration.scopes = [Scope("net", "Sequential")]
    folding = fold(iteration)
    assert set(folding.of) <= set(folding.scopes)
    assert folding.of[0] == "net.[1–32].0.[1–32]"
    assert folding.of[-1] == "net.[193–200].199.[97–100]"
    assert max(members(folding).values()) <= MAX_MEMBERS
