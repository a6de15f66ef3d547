"""Dragging cards and boxes, with the mouse and with keys."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication

from gradviz.ui.graph import GraphView
from tests.ui.graph.samples import chain

LEFT = Qt.MouseButton.LeftButton


def place(view, key: str) -> QPoint:
    """The middle of a card on screen."""
    return view.canvas.camera.to_screen(view.canvas.drawing.rect_of(key)).center().toPoint()


def title(view, key: str) -> QPoint:
    rect = view.canvas.camera.to_screen(view.canvas.drawing.rect_of(key))
    return rect.topLeft().toPoint() + QPoint(30, 8)


def press_and_move(qtbot, view, start: QPoint, way: QPoint) -> None:
    qtbot.mousePress(view.canvas, LEFT, pos=start)
    for part in (0.3, 0.7, 1.0):
        qtbot.mouseMove(view.canvas, start + QPoint(round(part * way.x()), round(part * way.y())))


def drag(qtbot, view, settle, key: str, way: QPoint) -> None:
    start = title(view, key) if key.endswith("/") else place(view, key)
    press_and_move(qtbot, view, start, way)
    qtbot.mouseRelease(view.canvas, LEFT, pos=start + way)
    settle()


def positions(view) -> dict:
    return dict(view.canvas.drawing.placement.cards)


def on_screen(view, key: str) -> QPoint:
    return view.canvas.camera.to_screen(view.canvas.drawing.rect_of(key)).topLeft().toPoint()


def test_a_card_is_dragged_and_stays_there_and_the_rest_does_not_move(shown, qtbot, model, settle):
    before = {key: on_screen(shown, key) for key in positions(shown)}
    drag(qtbot, shown, settle, "labels", QPoint(0, -60))
    after = {key: on_screen(shown, key) for key in positions(shown)}
    assert (after.pop("labels") - before.pop("labels") - QPoint(0, -60)).manhattanLength() <= 2
    assert after == before
    assert shown.canvas.drawing.pinned == {"labels"}
    assert model.selected_key == "labels"


def test_a_box_is_dragged_by_its_title_with_all_that_is_in_it(shown, qtbot, settle):
    before = positions(shown)
    drag(qtbot, shown, settle, "criterion/", QPoint(80, 40))
    after = positions(shown)
    ways = {
        (round(after[key].x - before[key].x), round(after[key].y - before[key].y))
        for key in ("criterion/log_softmax", "criterion/nll_loss")
    }
    assert len(ways) == 1 and ways != {(0, 0)}


def test_a_press_that_hardly_moves_is_a_click(shown, qtbot, model, settle):
    before = positions(shown)
    start = place(shown, "net/relu")
    qtbot.mousePress(shown.canvas, LEFT, pos=start)
    qtbot.mouseMove(shown.canvas, start + QPoint(QApplication.startDragDistance() - 1, 0))
    qtbot.mouseRelease(shown.canvas, LEFT, pos=start)
    settle()
    assert positions(shown) == before
    assert model.selected_key == "net/relu"
    assert shown.pinning.pins == {}


def test_escape_takes_a_drag_back(shown, qtbot, model, settle):
    before = positions(shown)
    start = place(shown, "net/relu")
    press_and_move(qtbot, shown, start, QPoint(40, 40))
    assert positions(shown) != before
    qtbot.keyClick(shown.canvas, Qt.Key.Key_Escape)
    assert positions(shown) == before
    qtbot.mouseMove(shown.canvas, start + QPoint(80, 80))
    qtbot.mouseRelease(shown.canvas, LEFT, pos=start + QPoint(80, 80))
    settle()
    assert positions(shown) == before
    assert shown.pinning.pins == {} and model.selected_key is None


def test_the_ground_and_the_inside_of_boxes_still_pan(shown, qtbot, settle):
    before = positions(shown)
    box = shown.canvas.camera.to_screen(shown.canvas.drawing.rect_of("net/"))
    start = box.bottomLeft().toPoint() + QPoint(4, -4)
    relu = place(shown, "net/relu")
    press_and_move(qtbot, shown, start, QPoint(30, 20))
    qtbot.mouseRelease(shown.canvas, LEFT, pos=start + QPoint(30, 20))
    assert positions(shown) == before
    assert (place(shown, "net/relu") - relu - QPoint(30, 20)).manhattanLength() <= 2


def test_from_afar_where_cards_are_mere_blocks_a_drag_pans(shown, qtbot, settle):
    shown.canvas.zoom(0.15 / shown.canvas.camera.scale)
    before = positions(shown)
    drag(qtbot, shown, settle, "net/relu", QPoint(40, 20))
    assert positions(shown) == before


def test_a_drag_goes_on_while_the_program_runs(shown, qtbot, model, settle):
    start = place(shown, "net/relu")
    press_and_move(qtbot, shown, start, QPoint(40, 40))
    there = positions(shown)["net/relu"]
    model.step_forward("step")
    model.step_forward("step")
    assert model.moment.iteration == 1
    assert positions(shown)["net/relu"] == there
    qtbot.mouseRelease(shown.canvas, LEFT, pos=start + QPoint(40, 40))
    settle()
    assert positions(shown)["net/relu"] == pytest.approx(there)


def test_a_drag_ends_when_what_is_dragged_is_gone(shown, qtbot, client, settle):
    start = place(shown, "net/relu")
    press_and_move(qtbot, shown, start, QPoint(40, 40))
    client.record(chain(5, index=1))
    settle()
    assert "net/relu" not in positions(shown)
    qtbot.mouseRelease(shown.canvas, LEFT, pos=start + QPoint(40, 40))
    assert shown.pinning.pins == {}


def test_what_is_pinned_stays_where_it_is_when_boxes_open_and_close(shown, qtbot, settle):
    drag(qtbot, shown, settle, "images", QPoint(20, 80))
    pinned, seen = positions(shown)["images"], on_screen(shown, "images")
    for key in ("net.fc1/", "criterion/", "net.fc1/", "net/"):
        shown.toggle(key)
        settle()
        assert positions(shown)["images"] == pinned
        assert (on_screen(shown, "images") - seen).manhattanLength() <= 2


def test_a_box_that_is_pinned_stays_there_closed_and_open(shown, qtbot, settle):
    drag(qtbot, shown, settle, "criterion/", QPoint(60, 30))
    corner = shown.canvas.drawing.rect_of("criterion/").topLeft()
    shown.toggle("criterion/")
    settle()
    assert shown.canvas.drawing.rect_of("criterion/").topLeft() == corner
    assert "criterion/" in shown.canvas.drawing.pinned


def test_what_is_pinned_stays_when_the_program_runs_again_and_in_another_window(shown, qtbot, model, settle):
    drag(qtbot, shown, settle, "labels", QPoint(10, -50))
    pinned = positions(shown)["labels"]
    model.start("", "simplenet.py")
    settle()
    assert positions(shown)["labels"] == pinned
    other = GraphView(model)
    qtbot.addWidget(other)
    model.start("", "other.py")
    settle()
    assert positions(shown)["labels"] != pinned
    model.start("", "simplenet.py")
    qtbot.waitUntil(lambda: other.placed)
    assert positions(other)["labels"] == pinned


def test_each_direction_has_places_of_its_own(shown, qtbot, settle):
    drag(qtbot, shown, settle, "labels", QPoint(10, -50))
    pinned = positions(shown)["labels"]
    shown.turn("down")
    settle()
    assert shown.canvas.drawing.pinned == set()
    shown.turn("right")
    settle()
    assert positions(shown)["labels"] == pinned


def test_keys_move_what_is_selected(shown, model, settle):
    model.select("net/relu")
    before = positions(shown)["net/relu"]
    for way in ("right", "right", "down", "left"):
        shown.pinning.nudge(way)  # faster than the layout
    settle()
    after = positions(shown)["net/relu"]
    assert (after.x - before.x, after.y - before.y) == pytest.approx((16, 16))


def test_unpinned_it_goes_back(shown, qtbot, model, settle):
    before = positions(shown)
    drag(qtbot, shown, settle, "labels", QPoint(0, -60))
    drag(qtbot, shown, settle, "criterion/", QPoint(80, 40))
    shown.pinning.unpin()
    settle()
    assert shown.canvas.drawing.pinned == {"labels"}
    shown.pinning.unpin_all()
    settle()
    assert positions(shown) == before


def test_a_pinned_card_has_a_mark(shown, qtbot, settle):
    plain = shown.canvas.grab().toImage()
    shown.pinning.move_by("labels", QPointF(0.0, 0.001))
    settle()
    shown.model.select(None)
    marked = shown.canvas.grab().toImage()
    corner = shown.canvas.camera.to_screen(shown.canvas.drawing.rect_of("labels")).topRight().toPoint()
    around = [corner + QPoint(dx, dy) for dx in range(-4, 8) for dy in range(-9, 3)]
    assert sum(plain.pixelColor(at) != marked.pixelColor(at) for at in around) > 20
