"""Values that travel along edges."""

import pytest

from gradviz.ui.graph.edges import beside, gradient_width


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
