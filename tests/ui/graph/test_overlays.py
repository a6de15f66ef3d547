"""What is laid over the graph: gradients, memory, time, dead units, change; on nodes and on closed boxes."""

import math

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QSize

from gradviz.session.protocol import Recorded, Status
from gradviz.trace.overlays import OVERLAYS, sizes_of
from gradviz.ui.graph.edges import gradient_width
from gradviz.ui.graph.readings import norm_share, sign_of
from gradviz.ui.graph.scale import scale_of
from gradviz.ui.numbers import byte_size, compact, duration


def marks(view, key) -> list[str]:
    face = view._faces.face(view._diagram.cards[key])
    return [f"{mark.sign} {mark.words}".strip() for mark in face.marks]


@pytest.fixture
def over(shown, model, settle):
    """Lays an overlay over the graph, at the end of the first iteration or at an event."""

    def show(overlay, event=None):
        last = len(model.iteration.events) - 1
        model.seek(last if event is None else event)
        model.overlays.show(overlay)
        settle()
        return shown

    return show


def test_without_one_cards_show_their_values(over):
    assert marks(over("values"), "net/relu") == []


def test_each_follows_the_one_before_and_after_the_last_there_is_none(model):
    seen = []
    for _ in OVERLAYS:
        model.overlays.show_next()
        seen.append(model.overlays.shown)
    assert seen == [*OVERLAYS[1:], "values"]


@pytest.mark.parametrize("overlay", OVERLAYS[1:])
def test_each_is_seen_on_cards_and_explained_with_a_scale(over, model, overlay):
    plain = over("values").grab().toImage()
    view = over(overlay)
    assert marks(view, "net/relu")
    assert view.grab().toImage() != plain
    words = " ".join(word for _, word in scale_of(view._faces.readings))
    assert words and view.legend.accessibleDescription()
    model.overlays.show("values")
    assert view.legend.accessibleDescription() == ""


def test_memory_is_that_of_values_and_of_what_is_saved(over, model):
    view = over("memory")
    relu = model.node("net/relu")
    saved = sum(saved.nbytes for saved in relu.saved)
    assert saved
    assert marks(view, "net/relu") == [f"out {byte_size(64 * 128 * 4, 3)}", f"saved {byte_size(saved, 3)}"]
    assert marks(view, "net/flatten") == ["out 0 B"]


def test_a_closed_box_has_the_sum_of_what_is_in_it(over, model, settle):
    view = over("memory")
    view.toggle("net.fc1/")
    settle()
    sizes = sizes_of(model.iteration)
    inside = [node.id for node in model.nodes if node.scope == "net.fc1"]
    assert len(inside) > 3
    assert marks(view, "net.fc1/")[0] == f"out {byte_size(int(sizes.values[inside].sum()), 3)}"


def test_what_has_not_run_takes_no_memory(over):
    view = over("memory", event=0)
    assert marks(view, "net/relu") == ["not yet"]
    assert marks(view, "net.fc1.weight") == [f"out {byte_size(128 * 784 * 4, 3)}"]


def timed(model, client):
    """The shown iteration once more, every event having taken so many µs as it is the how-manieth."""
    iteration = replace(
        model.iteration, nanoseconds=[1000 * (i + 1) for i in range(len(model.iteration.events))]
    )
    client.report(Recorded(iteration))
    client.report(Status("holding", iteration.index))
    return iteration


def test_time_is_that_of_forward_and_of_backward(over, model, client, settle):
    iteration = timed(model, client)
    view = over("time")
    relu = model.node("net/relu").id
    there, back = (
        next(i + 1 for i, e in enumerate(iteration.events) if (e.kind, e.node) == (kind, relu))
        for kind in ("forward", "backward")
    )
    assert marks(view, "net/relu") == [f"▶ {there} µs", f"◀ {back} µs"]
    view.toggle("net/")
    settle()
    nodes = {node.id for node in model.nodes if node.scope.startswith("net")}
    total = sum(i + 1 for i, e in enumerate(iteration.events) if e.node in nodes and e.kind == "forward")
    assert marks(view, "net/")[0] == f"▶ {total} µs"


def test_time_is_spent_as_the_moment_moves_on(over, model, client):
    timed(model, client)
    relu = next(i for i, e in enumerate(model.iteration.events) if model.nodes[e.node].key == "net/relu")
    view = over("time", event=relu)
    assert marks(view, "net/relu") == [f"▶ {relu + 1} µs"]
    assert marks(over("time", event=relu - 1), "net/relu") == ["not yet"]


def test_time_that_was_not_measured_is_not_zero(over):
    assert marks(over("time"), "net/relu") == ["not measured"]


def test_dead_units_are_counted_where_there_are_units(over, model, settle):
    view = over("units")
    first, second = marks(view, "net/relu")
    assert first.startswith("dead ") and first.endswith(" %") and second.startswith("zeros ")
    assert marks(view, "net.fc1/addmm") == []
    view.toggle("net/")
    settle()
    assert marks(view, "net/") == [first, "worst of 1"]


def test_gradients_have_a_sign_and_the_edges_take_its_colour(over, model):
    view = over("gradients")
    summary = model.summary(model.ref(model.node("net/relu"), "grad"))
    first, second = marks(view, "net/relu")
    assert first.endswith(compact(summary.norm, 3)) and second == f"mean {compact(summary.mean, 2)}"
    roles = {view._faces.flow(link).role for link in view._diagram.links if view._faces.flow(link).backward}
    assert roles <= {"positive", "negative", "backward"} and len(roles) > 1
    model.overlays.show("values")
    view.grab()
    assert {view._faces.flow(link).role for link in view._diagram.links} == {"backward"}


def test_a_box_has_the_gradient_at_what_leaves_it(over, model, settle):
    view = over("gradients")
    inside = marks(view, "net.fc1/addmm")[0]
    view.toggle("net.fc1/")
    settle()
    assert marks(view, "net.fc1/")[0] == inside


def test_change_needs_the_step_before(over, model, settle):
    view = over("change")
    assert marks(view, "net.fc1/addmm") == ["none before"]
    model.step_forward("step")
    settle()
    model.seek(len(model.iteration.events) - 1)
    settle()
    first, second = marks(view, "net.fc1/addmm")
    assert first.startswith("Δ ") and first.endswith(" %") and second.startswith("‖Δ‖ ")


def test_what_is_too_small_to_read_is_tinted(over, model):
    view = over("memory")
    view.canvas.camera.scale = 0.15
    tinted = view.grab().toImage()
    model.overlays.show("values")
    assert view.grab().toImage() != tinted


def test_nothing_is_asked_for_that_is_not_shown(over, model, client):
    over("values")
    before = [type(command).__name__ for command in client.commands]
    assert "CountUnits" not in before
    over("units")
    assert "CountUnits" in [type(command).__name__ for command in client.commands]


def test_the_button_says_which_it_is(over, qtbot):
    view = over("memory")
    assert view.overlay_button.text() == "Memory" and "Memory" in view.overlay_button.accessibleName()


@pytest.mark.parametrize("width", [320, 400, 500, 900])
def test_the_button_leaves_the_find_field_its_room(over, width, model):
    view = over("units")
    view.focusing.toggle("loss")
    view.resize(QSize(width, 600))
    view.grab()
    places = [view.find_field.geometry(), view.overlay_button.geometry(), view.focus_bar.geometry()]
    for i, place in enumerate(places):
        assert view.rect().contains(place)
        assert not any(place.intersects(other) for other in places[:i])


def test_a_sign_needs_a_mean_that_is_clearly_not_zero():
    assert sign_of(1.0, 2.0, 4) == 1 and sign_of(-1.0, 2.0, 4) == -1
    assert sign_of(1e-3, 2.0, 4) == 0 and sign_of(0.0, 0.0, 4) == 0
    assert sign_of(math.nan, 1.0, 4) == 0 and sign_of(1.0, math.inf, 4) == 0


def test_the_scale_of_widths_is_the_one_that_is_drawn():
    assert norm_share(1e-6) == 0 and norm_share(10) == 1 and norm_share(0) == 0
    assert gradient_width(1e-9) == gradient_width(math.nan) == 1.2 and gradient_width(100) == 5.0


@pytest.mark.parametrize(
    ("nanoseconds", "words"),
    [
        (0, "0 ns"),
        (840, "840 ns"),
        (12_345, "12.3 µs"),
        (999_700, "1 ms"),
        (3.25e9, "3.25 s"),
        (7e12, "7000 s"),
    ],
)
def test_durations_have_three_digits(nanoseconds, words):
    assert duration(nanoseconds) == words
