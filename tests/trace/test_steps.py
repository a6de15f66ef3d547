"""Where steps lead: events, modules as one step, out of modules, phases; forwards and backwards."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gradviz.trace import Call, Event, Input, Iteration, Node, Scope, TensorInfo
from gradviz.trace.folding import fold
from gradviz.trace.steps import Steps
from tests.trace.test_folding import program

# A program as nested lists: "op" is an operation, ("fc1", […]) a call of the module `fc1` around operations.
# A module of its own name that holds operations has a parameter.
Program = list


def run(program: Program) -> Iteration:
    """One iteration of it: forward, backward in reverse, and an update of every parameter."""
    iteration = Iteration(0, complete=True)
    parameters: dict[str, int] = {}
    _compute(iteration, program, "", -1, parameters)
    operations = [event.node for event in iteration.events]
    waiting = dict(parameters)
    for node in reversed(operations):
        iteration.events.append(Event("backward", node))
        scope = iteration.nodes[node].scope
        if scope in waiting:
            iteration.events.append(Event("accumulate", waiting.pop(scope)))
    iteration.events += [Event("update", node) for node in parameters.values()]
    return iteration


def _compute(iteration: Iteration, program: Program, scope: str, call: int, parameters: dict) -> None:
    for step in program:
        if step != "op":
            name, inner = step
            path = f"{scope}.{name}".lstrip(".")
            if path not in [known.path for known in iteration.scopes]:
                iteration.scopes.append(Scope(path, "Module"))
            iteration.calls.append(Call(path, call))
            _compute(iteration, inner, path, len(iteration.calls) - 1, parameters)
            continue
        if scope and scope not in parameters:
            parameters[scope] = _add(iteration, "parameter", scope, -1)
        iteration.events.append(Event("forward", _add(iteration, "operation", scope, call)))


def _add(iteration: Iteration, kind: str, scope: str, call: int) -> int:
    number = len(iteration.nodes)
    outputs = (TensorInfo((), "float32", True),)
    node = Node(id=number, key=f"n{number}", kind=kind, name=kind, scope=scope, call=call, outputs=outputs)
    iteration.nodes.append(node)
    return number


def walk(iteration: Iteration, stride: str, closed: tuple[str, ...] = ()) -> list[list[str]]:
    """The scopes of the events that every step from the beginning to the end takes in."""
    steps, event, taken = Steps(iteration, closed), -1, []
    while (after := steps.after(event, stride)) is not None:
        taken.append([iteration.nodes[e.node].scope for e in iteration.events[event + 1 : after + 1]])
        event = after
    return taken


NET = [("net", ["op", ("fc1", ["op", "op"]), "op", ("fc2", ["op", "op"])]), "op"]
"""Operations of the module itself, before and between two layers, and a loss outside."""


def test_a_step_over_takes_in_a_layer_forwards_and_in_reverse():
    forward = [["net"], ["net.fc1"] * 2, ["net"], ["net.fc2"] * 2, [""]]
    backward = [[""], ["net.fc2"] * 3, ["net"], ["net"], ["net.fc1"] * 3, ["net"]]
    update = [["net"], ["net.fc1"], ["net.fc2"]]
    assert walk(run(NET), "over") == forward + backward + update


def test_a_step_over_from_within_a_layer_ends_with_it():
    steps = Steps(run(NET))
    assert [steps.after(event, "over") for event in (0, 1, 2, 3)] == [2, 2, 3, 5]
    assert [steps.before(event, "over") for event in (3, 2, 1, 0)] == [2, 0, 0, -1]


def test_without_modules_a_step_over_is_one_event():
    iteration = run(["op", "op"])
    assert walk(iteration, "over") == walk(iteration, "op") == [[""]] * 4
    steps = Steps(iteration)
    assert [steps.after(event, "out") for event in (-1, 0, 1, 3)] == [1, 1, 3, None]


def test_two_calls_in_a_row_are_two_steps():
    iteration = run([("cell", ["op"])] * 3)
    assert walk(iteration, "over")[:3] == [["cell"]] * 3
    assert walk(iteration, "over", closed=("cell",))[:3] == [["cell"]] * 3


def test_a_closed_box_is_one_step():
    forward = [["net", "net.fc1", "net.fc1", "net", "net.fc2", "net.fc2"], [""]]
    assert walk(run(NET), "over", closed=("net",))[:2] == forward
    inner = [["net"], ["net.fc1"] * 2, ["net"], ["net.fc2"] * 2, [""]]
    assert walk(run(NET), "over", closed=("net.fc1",))[:5] == inner


def test_a_container_that_is_never_called_is_one_step_once_it_is_closed():
    iteration = run([("net", [("blocks.0", ["op"]), ("blocks.1", ["op"]), "op"])])
    iteration.scopes.append(Scope("net.blocks", ""))
    assert walk(iteration, "over")[:3] == [["net.blocks.0"], ["net.blocks.1"], ["net"]]
    closed = walk(iteration, "over", closed=("net.blocks",))
    assert closed[:2] == [["net.blocks.0", "net.blocks.1"], ["net"]]


def test_a_step_out_ends_with_the_module_that_the_moment_is_in():
    steps = Steps(run(NET))
    # before all: the forward pass; in `net`, within fc1, after fc1 in `net`, after `net`
    assert [steps.after(event, "out") for event in (-1, 0, 1, 2, 5)] == [6, 5, 2, 5, 6]
    # out towards the past: before fc1; before `net`; from the loss to before the forward pass
    assert [steps.before(event, "out") for event in (1, 3, 6)] == [0, -1, -1]


def test_a_recording_without_calls_has_its_scopes_from_the_nodes():
    iteration = Iteration(0)
    for scope in ("net", "net.fc1", "net.fc1", "net"):
        iteration.events.append(Event("forward", _add(iteration, "operation", scope, -1)))
    assert walk(iteration, "over") == [["net"], ["net.fc1"] * 2, ["net"]]


def test_a_phase_ends_where_the_next_begins():
    steps = Steps(run(["op"]))
    assert [steps.after(event, "phase") for event in (-1, 0, 1)] == [0, 1, None]
    assert [steps.before(event, "phase") for event in (1, 0, -1)] == [0, -1, None]


def test_an_iteration_without_events_has_no_steps():
    steps = Steps(Iteration(0))
    assert steps.after(-1, "over") is None and steps.before(-1, "out") is None


# ── any program ───────────────────────────────────────────────────────────────────────────────────────────

names = st.sampled_from("abc")
programs = st.recursive(
    st.lists(st.just("op"), max_size=3),
    lambda inner: st.lists(st.just("op") | st.tuples(names, inner), max_size=4),
    max_leaves=12,
)
strides = st.sampled_from(["op", "over", "out", "phase"])


@given(programs, strides, st.sets(st.sampled_from(["a", "b", "a.b", "a.b.c", "b.a"])))
def test_steps_forward_and_back_meet_the_same_moments(program, stride, closed):
    iteration = run(program)
    steps = Steps(iteration, closed)
    event, passed = -1, [-1]
    while (after := steps.after(event, stride)) is not None:
        assert event < after < len(iteration.events)
        passed.append(after)
        event = after
    assert event == len(iteration.events) - 1
    if stride == "out":
        return  # out of a module leads to its end or before it, not back into it
    for expected in reversed(passed[:-1]):
        event = steps.before(event, stride)
        assert event == expected
    assert steps.before(event, stride) is None


@given(programs, st.data())
def test_a_step_over_or_out_never_passes_the_end_of_the_module_it_began_in(program, data):
    iteration = run(program)
    if not iteration.events:
        return
    event = data.draw(st.integers(-1, len(iteration.events) - 2))
    steps = Steps(iteration)
    over, out = steps.after(event, "over"), steps.after(event, "out")
    assert over <= out
    first = iteration.events[event + 1]
    for other in iteration.events[event + 1 : over + 1]:
        assert other.phase == first.phase
        assert iteration.nodes[other.node].scope == iteration.nodes[first.node].scope
    assert {e.phase for e in iteration.events[event + 1 : out + 1]} == {first.phase}


@given(programs, st.data())
def test_a_step_back_is_a_step_forward_in_a_mirror(program, data):
    """Turned round, the events of an iteration are those of a program that runs the other way."""
    iteration = run(program)
    mirrored = run(program)
    mirrored.events.reverse()
    leaves = {node.id for node in iteration.nodes if node.kind == "parameter"}
    plain = [event for event in iteration.events if event.node not in leaves]
    iteration.events, mirrored.events = plain, plain[::-1]
    event = data.draw(st.integers(-1, len(plain) - 1))
    last = len(plain) - 1
    for stride in ("op", "over", "out", "phase"):
        forward = Steps(mirrored).after(last - 1 - event, stride)
        back = Steps(iteration).before(event, stride)
        assert back == (None if forward is None else last - 1 - forward), stride


# ── boxes that are no modules ─────────────────────────────────────────────────────────────────────────────


def loop(rounds: int) -> Iteration:
    """exp, `rounds` rounds of (mul, add, tanh), sum; a weight that all rounds use; forward and backward."""
    iteration = program(("exp", 1), *[("mul", 3), ("add", 4), ("tanh", 5)] * rounds, ("sum", 7))
    weight = _add(iteration, "parameter", "", -1)
    for place in range(1, 3 * rounds + 1, 3):
        mul = iteration.nodes[place]
        iteration.nodes[place] = replace(mul, inputs=(*mul.inputs, Input(weight)))
    iteration.events = [Event("forward", node) for node in range(weight)]
    iteration.events += [Event("backward", node) for node in reversed(range(weight))]
    iteration.events.insert(-3, Event("accumulate", weight))  # within the last round on the way back
    return iteration


def lengths(iteration: Iteration, closed: set[str]) -> list[int]:
    return [len(step) for step in walk(iteration, "over", tuple(closed))]


def test_a_closed_round_of_a_loop_is_one_step_forwards_and_back():
    iteration = loop(9)
    rounds = {path for path in fold(iteration).scopes if path.startswith(":3.")}
    assert lengths(iteration, rounds) == [1, *[3] * 9, 1, 1, *[3] * 8, 4, 1]


def test_a_closed_loop_is_one_step():
    iteration = loop(9)
    assert lengths(iteration, set(fold(iteration).scopes)) == [1, 27, 1, 1, 28, 1]
    assert lengths(iteration, {":3"}) == [1, 27, 1, 1, 28, 1]


def test_a_closed_piece_of_a_long_row_is_one_step():
    iteration = program(("exp", 1), *[("mul", 2)] * 1000)
    iteration.events = [Event("forward", node) for node in range(1001)]
    pieces = {path for path in fold(iteration).scopes if path.startswith("mul.")}
    assert lengths(iteration, pieces) == [1, *[32] * 31, 8]
    assert lengths(iteration, {"mul"}) == [1, 1000]


def test_a_step_out_ends_with_the_round():
    steps = Steps(loop(9))
    assert [steps.after(event, "out") for event in (1, 2, 3, 4)] == [3, 3, 27, 6]
    assert steps.before(26, "out") == 24


def test_a_layer_that_was_put_into_a_round_is_stepped_over_with_it():
    rounds = [(("mul", 3), ("addmm", 4, f"fc{i}", i), ("relu", 5)) for i in range(20)]
    calls = [Call(f"fc{i}", -1) for i in range(20)]
    iteration = program(*(operation for body in rounds for operation in body), calls=calls)
    iteration.events = [Event("forward", node) for node in range(60)]
    folding = fold(iteration)
    assert folding.of[1] == "[1].fc0"
    assert lengths(iteration, {path for path in folding.scopes if path.count(".") == 0}) == [3] * 20
    assert lengths(iteration, {path for path in folding.scopes if path.count(".") == 1}) == [1] * 60
