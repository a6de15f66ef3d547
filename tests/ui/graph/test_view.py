"""The graph view as a person sees and steers it."""

import numpy as np
import pytest
from msgspec import structs
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from gradviz.ui.graph.diagram import Diagram
from gradviz.ui.graph.layout import lay_out
from gradviz.ui.language import use_language
from gradviz.ui.model import LIVE
from gradviz.ui.theme import theme
from tests.ui.fake_client import FakeClient
from tests.ui.graph.samples import chain
from tests.ui.recordings import simple_net


def place(view, key: str) -> QPoint:
    """The middle of a card on screen."""
    return view.canvas.camera.to_screen(view.canvas.drawing.rect_of(key)).center().toPoint()


def face(view, key: str):
    return view._faces.face(view._diagram.cards[key])


def positions(view) -> dict:
    return dict(view.canvas.drawing.placement.cards)


def show(client, settle, recording) -> None:
    client.record(recording)
    settle()


# ── what the cards say ────────────────────────────────────────────────────────────────────────────────────


def test_before_a_program_runs_the_view_invites(view):
    assert "Space" in view.canvas.hint
    assert not view.minimap.isVisible()


def test_the_first_picture_shows_everything_with_margins(shown):
    seen = shown.canvas.camera.to_screen(shown.canvas.bounds)
    assert shown.canvas.room.adjusted(-1, -1, 1, 1).contains(seen)
    assert seen.width() > 0.9 * shown.canvas.room.width() or seen.height() > 0.9 * shown.canvas.room.height()


def test_a_gradient_is_pending_until_it_is_computed_and_gone_again_when_stepping_back(
    shown, model, client, settle
):
    relu = client.recordings[-1].event_of("net/relu", "backward")
    model.seek(relu - 1)
    settle()
    assert face(shown, "net/relu").gradient == "pending"
    assert face(shown, "net/relu").gradient_norm == ""
    model.seek(relu)
    settle()
    assert face(shown, "net/relu").gradient == "known"
    assert face(shown, "net/relu").gradient_norm == "0.0693"
    model.seek(relu - 1)
    assert face(shown, "net/relu").gradient == "pending"


def test_what_needs_no_gradient_promises_none(shown):
    assert face(shown, "images").gradient == face(shown, "net/flatten").gradient == ""


def test_a_value_appears_when_its_operation_has_run(shown, model, client, settle):
    loss = client.recordings[-1].event_of("criterion/nll_loss", "forward")
    model.seek(loss - 1)
    settle()
    assert not face(shown, "criterion/nll_loss").ready
    assert face(shown, "criterion/nll_loss").scalar == ""
    model.seek(loss)
    settle()
    assert face(shown, "criterion/nll_loss").scalar == "2.3029"


def test_images_are_shown_as_images(shown):
    images = face(shown, "images")
    assert images.is_image
    assert (images.picture.width(), images.picture.height()) == (28, 28)
    colors = {images.picture.pixelColor(x, 14).saturation() for x in range(28)}
    assert colors == {0}, "grey"


def test_an_update_shows_the_old_and_the_new_norm(shown, model, client, settle):
    bias = client.recordings[-1].event_of("net.fc2.bias", "update")
    model.seek(bias - 1)
    settle()
    assert face(shown, "net.fc2.bias").norm == "0.155"
    model.seek(bias)
    settle()
    assert face(shown, "net.fc2.bias").updated
    assert face(shown, "net.fc2.bias").norm == "0.1553 → 0.1549"
    assert face(shown, "net.fc2.bias").running == "update"


def test_the_running_card_is_marked_in_the_colour_of_its_phase(shown, model, client, settle):
    for kind in ("forward", "backward"):
        model.seek(client.recordings[-1].event_of("net.fc2/addmm", kind))
        settle()
        assert face(shown, "net.fc2/addmm").running == kind
        assert [key for key in shown._diagram.cards if face(shown, key).running] == ["net.fc2/addmm"]
        rect = shown.canvas.camera.to_screen(shown.canvas.drawing.rect_of("net.fc2/addmm"))
        picture = shown.canvas.grab().toImage()
        border = [picture.pixelColor(int(rect.center().x()), round(rect.top()) + dy) for dy in range(-3, 4)]
        assert any(_alike(color, theme.color(kind)) for color in border)


def _alike(a: QColor, b: QColor) -> bool:
    """The same hue, however the edge of a line has mixed it with what is behind."""
    return a.saturation() > 90 and abs(a.hue() - b.hue()) < 12


def test_edges_turn_when_data_has_flowed_and_again_when_gradients_have(shown, model, client, settle):
    link = next(link for link in shown._diagram.links if link.source == "net/relu")
    recording = client.recordings[-1]
    model.seek(recording.event_of("net.fc2/addmm", "forward") - 1)
    assert not shown._faces.flow(link).forward
    model.step_forward("op")
    assert shown._faces.flow(link).forward
    model.seek(recording.event_of("net/relu", "backward") - 1)
    assert not shown._faces.flow(link).backward
    model.step_forward("op")
    settle()
    assert shown._faces.flow(link).backward
    assert shown._faces.flow(link).norm == pytest.approx(0.0693, rel=1e-2)


def test_the_pictures_of_the_two_themes_differ(shown):
    dark = shown.grab().toImage()
    theme.use("light")
    light = shown.grab().toImage()
    assert dark.pixelColor(450, 590) != light.pixelColor(450, 590)


# ── identity over time ────────────────────────────────────────────────────────────────────────────────────


def test_positions_and_selection_stay_from_iteration_to_iteration(shown, model, client, settle):
    before = positions(shown)
    model.select("net/relu")
    model.step_forward("step")
    model.step_forward("step")
    settle()
    assert model.moment.iteration == 1
    assert positions(shown) == before
    assert shown.canvas.drawing.selected == "net/relu"
    assert shown._diagram.cards["net/relu"].node is model.node("net/relu")


def test_in_live_training_nothing_is_laid_out_and_no_number_vanishes(shown, model, client, settle):
    model.last()
    settle()
    client.answers_looks = False
    model.set_speed(LIVE)
    model.play()
    placement = shown.canvas.drawing.placement
    picture = face(shown, "net.fc1.weight").picture
    client.record(simple_net(1))
    assert shown.placed
    assert shown.canvas.drawing.placement is placement
    shown.grab()
    assert face(shown, "net.fc1.weight").picture is picture, "the old one stays until the new one is here"
    assert face(shown, "net/relu").gradient_norm == "0.0693"
    client.answers_looks = True


def test_where_cards_come_and_go_the_picture_is_a_new_one_and_comes_back(shown, model, client, settle):
    before = positions(shown)
    other = simple_net(1)
    for place, node in enumerate(other.iteration.nodes):
        if node.name == "relu":
            other.iteration.nodes[place] = structs.replace(node, key="net/tanh", name="tanh")
    show(client, settle, other)
    assert "net/tanh" in positions(shown) and "net/relu" not in positions(shown)
    assert positions(shown) == lay_out(shown._placer.request).cards  # nothing is left of the earlier picture
    show(client, settle, simple_net(2))
    assert positions(shown) == before


def test_a_node_that_appears_moves_nothing(shown, model, client, settle):
    before = positions(shown)
    grown = simple_net(1)
    last = grown.iteration.nodes[-1]
    extra = type(last)(
        **{f: getattr(last, f) for f in last.__struct_fields__}
        | {"id": len(grown.iteration.nodes), "key": "extra", "scope": ""}
    )
    grown.iteration.nodes.append(extra)
    show(client, settle, grown)
    after = positions(shown)
    assert "extra" in after
    assert {key: after[key] for key in before} == before


def test_a_program_that_starts_with_nothing_to_show_gets_a_fresh_layout(view, model, settle):
    """An empty picture is nothing to keep to."""
    empty = view.canvas.drawing.placement
    model.start("", "x.py")
    settle()
    fresh = lay_out(view._diagram.request(view._placer.request.aspect))
    assert empty.cards == {}
    assert positions(view) == fresh.cards


def test_an_iteration_that_grows_keeps_still_and_is_tidied_once_when_complete(view, started, client, settle):
    whole = chain(12, index=1)
    tidy = lay_out(Diagram(whole.iteration).request(1.5)).cards
    for count in (8, 10, 12):
        partial = chain(12, index=1)
        partial.iteration.nodes = partial.iteration.nodes[:count]
        partial.iteration.events = partial.iteration.events[:count]
        partial.iteration.complete = False
        before = positions(view)
        show(client, settle, partial)
        if count > 8:
            assert {key: positions(view)[key] for key in before} == before
    show(client, settle, whole)
    assert positions(view).keys() == tidy.keys()
    assert view._placer.provisional is False
    after = positions(view)
    show(client, settle, chain(12, index=2))
    assert positions(view) == after


def test_an_iteration_of_which_little_was_seen_at_first_is_laid_out_anew(view, model, client, settle):
    begun = simple_net(0)
    begun.iteration.nodes = begun.iteration.nodes[:2]
    begun.iteration.events = begun.iteration.events[:1]
    begun.iteration.complete = False
    show(client, settle, begun)
    show(client, settle, simple_net(0))
    assert positions(view) == lay_out(view._placer.request).cards


def test_another_program_starts_without_anything_of_the_last(shown, model, settle):
    model.last()
    settle()
    FakeClient.instances.clear()
    model.start("", "x.py")
    model.seek(-1)
    settle()
    assert face(shown, "criterion/nll_loss").scalar == ""
    assert face(shown, "net/relu").picture is None


# ── opening and closing ───────────────────────────────────────────────────────────────────────────────────


def test_double_click_on_a_box_title_closes_it_and_on_its_card_opens_it(shown, qtbot, model, settle):
    title = shown.canvas.camera.to_screen(shown.canvas.drawing.rect_of("net.fc1/")).topLeft().toPoint()
    qtbot.mouseDClick(shown.canvas, Qt.MouseButton.LeftButton, pos=title + QPoint(30, 8))
    settle()
    assert "net.fc1/" in shown._diagram.cards
    assert "net.fc1.weight" not in positions(shown)
    qtbot.mouseDClick(shown.canvas, Qt.MouseButton.LeftButton, pos=place(shown, "net.fc1/"))
    settle()
    assert "net.fc1.weight" in positions(shown)


def test_the_minus_and_plus_in_a_corner_do_it_with_one_click(shown, qtbot, settle):
    for _ in range(2):
        box = shown.canvas.camera.to_screen(shown.canvas.drawing.rect_of("net.fc1/"))
        corner = QPoint(int(box.right()) - 10, int(box.top()) + 8)
        was_open = "net.fc1" in shown._diagram.open_scopes
        qtbot.mouseClick(shown.canvas, Qt.MouseButton.LeftButton, pos=corner)
        settle()
        assert ("net.fc1" in shown._diagram.open_scopes) != was_open


def test_backspace_goes_up_and_enter_opens(shown, qtbot, model, settle):
    model.select("net.fc2.weight")
    qtbot.keyClick(shown.canvas, Qt.Key.Key_Backspace)
    settle()
    assert model.selected_key == "net.fc2/"
    assert shown.canvas.drawing.selected == "net.fc2/"
    qtbot.keyClick(shown.canvas, Qt.Key.Key_Backspace)
    settle()
    assert model.selected_key == "net/"
    qtbot.keyClick(shown.canvas, Qt.Key.Key_Return)
    settle()
    assert "net.fc2/" in positions(shown), "what was closed inside stays closed"


def test_a_closed_scope_shows_what_runs_inside_it(shown, model, client, settle):
    shown.toggle("net.fc1/")
    settle()
    model.seek(client.recordings[-1].event_of("net.fc1/addmm", "backward"))
    settle()
    assert face(shown, "net.fc1/").running == "backward"
    assert face(shown, "net.fc1/").gradient == "known"


def test_a_selected_node_inside_a_closed_scope_marks_the_scope(shown, model, settle):
    model.select("net.fc1.bias")
    shown.toggle("net.fc1/")
    settle()
    assert model.selected_key == "net.fc1.bias"
    assert shown.canvas.drawing.selected == "net.fc1/"


def test_scopes_stay_as_they_were_left(shown, model, settle):
    shown.toggle("net.fc1/")
    settle()
    model.step_forward("step")
    model.step_forward("step")
    settle()
    assert "net.fc1/" in positions(shown)


# ── mouse and keys ────────────────────────────────────────────────────────────────────────────────────────


def test_a_click_selects_and_a_click_on_empty_ground_deselects(shown, qtbot, model):
    qtbot.mouseClick(shown.canvas, Qt.MouseButton.LeftButton, pos=place(shown, "net/relu"))
    assert model.selected_key == "net/relu"
    qtbot.mouseClick(shown.canvas, Qt.MouseButton.LeftButton, pos=QPoint(890, 300))
    assert model.selected_key is None


def test_the_wheel_zooms_at_the_cursor_and_f_fits_again(shown, qtbot):
    fitted = shown.canvas.camera.scale
    at = QPointF(place(shown, "net/relu"))
    event = QWheelEvent(
        at,
        shown.canvas.mapToGlobal(at),
        QPoint(),
        QPoint(0, 240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(shown.canvas, event)
    assert shown.canvas.camera.scale == pytest.approx(fitted * 1.44)
    assert (QPointF(place(shown, "net/relu")) - at).manhattanLength() < 3
    assert shown.minimap.isVisible()
    qtbot.keyClick(shown.canvas, Qt.Key.Key_F)
    assert shown.canvas.camera.scale == pytest.approx(fitted)
    assert not shown.minimap.isVisible()


@pytest.mark.parametrize("button", [Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton])
def test_dragging_pans_and_keeps_the_view_from_fitting_itself(shown, qtbot, model, button, settle):
    before = place(shown, "net/relu")
    start = QPoint(880, 300)
    qtbot.mousePress(shown.canvas, button, pos=start)
    qtbot.mouseMove(shown.canvas, start + QPoint(-30, 10))
    qtbot.mouseMove(shown.canvas, start + QPoint(-60, 20))
    qtbot.mouseRelease(shown.canvas, button, pos=start + QPoint(-60, 20))
    moved = place(shown, "net/relu") - before
    assert (moved - QPoint(-60, 20)).manhattanLength() <= 2
    assert model.selected_key is None
    shown.resize(800, 500)
    assert (place(shown, "net/relu") - before - moved).manhattanLength() == 0


def test_until_somebody_looks_around_the_view_fits_itself(shown):
    shown.resize(600, 400)
    assert shown.canvas.room.adjusted(-1, -1, 1, 1).contains(
        shown.canvas.camera.to_screen(shown.canvas.bounds)
    )


def test_ctrl_0_shows_actual_size(shown, qtbot, model):
    model.select("net/relu")
    qtbot.keyClick(shown.canvas, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert shown.canvas.camera.scale == 1
    assert shown.canvas.rect().contains(place(shown, "net/relu"))


def test_alt_arrows_walk_along_the_edges(shown, qtbot, model):
    model.select("net.fc1.weight")
    walked = []
    for _ in range(5):
        qtbot.keyClick(shown.canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
        walked.append(model.selected_key)
    assert walked == ["net.fc1/t", "net.fc1/addmm", "net/relu", "net.fc2/addmm", "criterion/log_softmax"]
    qtbot.keyClick(shown.canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert model.selected_key == "net.fc2/addmm"


def test_a_graph_that_is_turned_flows_down_and_is_walked_down(shown, qtbot, model, settle):
    across = positions(shown)
    shown.turn("down")
    settle()
    assert positions(shown)["net.fc1/t"].y < positions(shown)["net.fc1/addmm"].y
    model.select("net.fc1.weight")
    for _ in range(3):
        qtbot.keyClick(shown.canvas, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert model.selected_key == "net/relu"
    qtbot.keyClick(shown.canvas, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert model.selected_key == "net.fc1/addmm"
    shown.turn("right")
    settle()
    assert positions(shown) == across


@pytest.mark.parametrize(
    "key",
    [Qt.Key.Key_Space, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Tab],
)
def test_the_transports_keys_are_not_swallowed(qtbot, model, key):
    from gradviz.ui.graph import GraphView

    class Window(QWidget):
        heard = None

        def keyPressEvent(self, event) -> None:
            self.heard = event.key()

    window = Window()
    qtbot.addWidget(window)
    view = GraphView(model, window)
    window.show()
    if key == Qt.Key.Key_Tab:
        view.canvas.setFocus()
        qtbot.keyClick(view.canvas, key)
        assert not view.canvas.hasFocus(), "Tab leaves the canvas"
    else:
        qtbot.keyClick(view.canvas, key)
        assert window.heard == key


def test_the_minimap_moves_the_canvas(shown, qtbot):
    shown.canvas.zoom(4)
    seen = shown.canvas.camera.to_drawing(QPointF(450, 300))
    qtbot.mouseClick(shown.minimap, Qt.MouseButton.LeftButton, pos=QPoint(10, 10))
    there = shown.canvas.camera.to_drawing(QPointF(450, 300))
    assert there.x() < seen.x() and there.y() < seen.y()


def test_the_tooltip_names_scope_shape_type_and_line(shown):
    from gradviz.ui.graph.tooltip import tooltip

    text = tooltip(shown._diagram, "net.fc1/addmm")
    for part in ("net.fc1/addmm", "[64, 128]", "float32", "AddmmBackward0", "simplenet.py:15"):
        assert part in text
    assert "Linear(784 → 128)" in tooltip(shown._diagram, "net.fc1/")
    assert tooltip(shown._diagram, "") == ""


# ── whatever a program may bring ──────────────────────────────────────────────────────────────────────────

ODD = {
    "scalars": np.float32(2.5),
    "not a number": np.array([[np.nan, 1.0], [np.inf, -np.inf]], np.float32),
    "nothing but NaN": np.full((3, 3), np.nan, np.float32),
    "empty": np.zeros((0, 4), np.float32),
    "five axes": np.random.default_rng(0).standard_normal((2, 3, 4, 5, 6)).astype(np.float32),
    "long and thin": np.zeros((1, 100_000), np.float32),
    "integers": np.arange(12),
    "truth values": np.array([[True, False]]),
    "complex": np.array([1 + 2j, 3j]),
}


@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
@pytest.mark.parametrize("scale", [1.0, 0.4, 0.1])
def test_odd_values_are_drawn(view, started, client, settle, value, scale):
    show(client, settle, chain(3, index=7, values={1: np.asarray(value)}))
    started.last()
    view.canvas.zoom(scale / view.canvas.camera.scale)
    settle()
    assert face(view, "/op1").gradient == "known"


def test_what_is_not_finite_is_said_and_marked(view, started, client, settle):
    show(client, settle, chain(3, index=7, values={1: ODD["not a number"], 2: np.float32(np.nan)}))
    started.last()
    settle()
    assert face(view, "/op1").alarming
    assert face(view, "/op1").gradient_norm == "NaN"
    assert face(view, "/op2").scalar == "NaN"
    assert not face(view, "/op0").alarming


def test_long_names_are_shortened_in_the_middle(view):
    from gradviz.ui.graph.text import elided

    assert elided("a" * 400, 12, 100).count("…") == 1
    assert elided("addmm", 12, 100) == "addmm"


def test_an_iteration_without_nodes_is_no_error(view, started, client, settle):
    empty = chain(0, index=5)
    show(client, settle, empty)
    assert positions(view) == {}
    started.seek(0)
    view.grab()


def test_ten_thousand_nodes_are_shown(qtbot, view, started, client, settle):
    show(client, settle, chain(10_000, index=3))
    assert len(positions(view)) < 100
    view.open_all("")
    qtbot.waitUntil(lambda: view.placed, timeout=60_000)
    assert len(positions(view)) == 10_000
    view.canvas.actual_size()
    started.seek(7)
    view.grab()


def test_a_view_that_is_closed_while_it_is_laid_out_leaves_nothing_behind(qtbot, started, client):
    from gradviz.ui.graph import GraphView

    view = GraphView(started)
    client.record(chain(3000, index=2))
    view.deleteLater()
    qtbot.wait(1)


def test_the_picture_for_export_holds_the_whole_graph(shown):
    shown.canvas.zoom(4)
    image = shown.picture(1.0)
    assert abs(image.width() - shown.canvas.bounds.width() - 48) <= 1
    colors = {image.pixelColor(x, image.height() // 2).name() for x in range(0, image.width(), 7)}
    assert len(colors) > 3


def test_the_legend_is_as_wide_as_its_words(view, qtbot):
    english = view.legend.width()
    use_language("zh_CN")
    try:
        qtbot.waitUntil(lambda: view.legend.width() < english)
        assert view.legend.size() == view.legend.arrange(view.width())
    finally:
        use_language("en")
