"""Values that travel along edges, and cards that go to other places."""

from dataclasses import replace

import pytest

from gradviz.ui.graph.diagram import Diagram
from gradviz.ui.graph.edges import beside, gradient_width
from gradviz.ui.graph.layout import Placement, Rect, Request, lay_out
from gradviz.ui.graph.transition import between
from tests.ui.recordings import simple_net


def test_a_single_step_sends_a_value_along_the_edges_it_came_by(shown, model, client, qtbot):
    shown.reduce_motion = False
    model.seek(client.recordings[-1].event_of("net.fc1/addmm", "forward") - 1)
    model.step_forward("op")
    assert shown.canvas.travel.active
    assert len(shown.canvas.travel._travellers) == 3, "bias, flattened images and the turned weight"
    qtbot.waitUntil(lambda: not shown.canvas.travel.active)


def test_gradients_travel_backwards(shown, model, client):
    shown.reduce_motion = False
    model.seek(client.recordings[-1].event_of("net/relu", "backward") - 1)
    model.step_forward("op")
    (traveller,) = shown.canvas.travel._travellers
    relu = shown.canvas.drawing.rect_of("net/relu")
    assert traveller.role == "backward"
    assert traveller.path.pointAtPercent(1).x() == pytest.approx(relu.right(), abs=1)
    shown.canvas.travel.stop()


def test_reduced_motion_jumps_and_fast_play_do_without(shown, model):
    model.step_forward("op")
    assert not shown.canvas.travel.active, "reduce_motion is set in these tests"
    shown.reduce_motion = False
    model.last()
    assert not shown.canvas.travel.active
    model.seek(0)
    model.set_speed(7)
    model.playing = True
    model.step_forward("op")
    assert not shown.canvas.travel.active
    model.playing = False


def test_the_width_of_a_gradient_grows_with_its_logarithm():
    widths = [gradient_width(norm) for norm in (0.0, 1e-9, 1e-4, 1e-2, 1.0, 1e3, float("nan"))]
    assert widths[0] == widths[1] == widths[-1] == 1.2
    assert widths[1] < widths[2] < widths[3] < widths[4] < widths[5] == 5.0


def test_the_way_back_runs_beside_the_way_there():
    assert beside([(0, 0), (10, 0)], 5) == [(0, -5), (10, -5)]
    corner = beside([(0, 0), (10, 0), (10, 10)], 5)
    assert corner[1] == pytest.approx((15, -5))


# ── from one picture to the next ──────────────────────────────────────────────────────────────────────────


def picture(*, opened: bool) -> tuple[Placement, Request]:
    diagram = Diagram(simple_net().iteration)
    if not opened:
        diagram = Diagram(simple_net().iteration, diagram.opened - {"net.fc1"}, diagram.folding)
    request = diagram.request(1.5)
    return lay_out(request), request


def test_what_is_in_both_pictures_goes_from_one_place_to_the_other():
    (before, _), (after, request) = picture(opened=False), picture(opened=True)
    start, middle = between(before, after, request, 0.0), between(before, after, request, 0.5)
    for key in before.cards.keys() & after.cards.keys():
        assert start.cards[key] == pytest.approx(before.cards[key])
        assert middle.cards[key].x == pytest.approx((before.cards[key].x + after.cards[key].x) / 2)
    assert start.scopes["net.fc1/"] == pytest.approx(before.cards["net.fc1/"]), (
        "the box grows out of its card"
    )
    assert between(before, after, request, 1.0).cards == after.cards


def test_lines_follow_their_ends_and_what_is_new_its_box():
    (before, _), (after, request) = picture(opened=False), picture(opened=True)
    start = between(before, after, request, 0.0)
    box, weight = start.scopes["net.fc1/"], start.cards["net.fc1.weight"]
    there = after.scopes["net.fc1/"]
    assert weight.x - box.x == pytest.approx(after.cards["net.fc1.weight"].x - there.x)
    for (source, target), line in start.edges.items():
        assert line[0][0] == pytest.approx(start.cards[source].x + after.cards[source].width)
        assert line[-1][0] == pytest.approx(start.cards[target].x)


def test_opening_a_box_is_seen_as_motion_and_known_at_once(shown, qtbot, settle):
    shown.reduce_motion = False
    shown.toggle("net.fc1/")
    qtbot.waitUntil(lambda: shown.placed)
    moving = shown.canvas.transition
    assert moving.active
    assert shown.canvas.drawing.placement is shown._placer.placement, "only what is painted takes its time"
    shown.grab()
    qtbot.waitUntil(lambda: not moving.active)
    shown.toggle("net.fc1/")
    qtbot.waitUntil(lambda: shown.placed)
    assert moving.active
    shown.canvas.zoom(1.5)
    assert not moving.active, "who looks around does not wait"


def test_reduced_motion_and_huge_pictures_change_at_once(shown, settle):
    shown.toggle("net.fc1/")
    settle()
    assert not shown.canvas.transition.active
    (placement, request), camera = picture(opened=True), shown.canvas.camera
    large = replace(placement, cards=placement.cards | {str(i): Rect(0, 0, 1, 1) for i in range(1000)})
    shown.canvas.transition.start(placement, camera, large, request)
    assert not shown.canvas.transition.active
