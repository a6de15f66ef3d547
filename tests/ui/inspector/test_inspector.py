"""The inspector shows the node and the numbers of the model's moment, and says why when there are none."""

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt, QTranslator
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QSlider

from gradviz.session.protocol import Check, Checked
from gradviz.trace import Event, Input, Iteration, Node, TensorInfo, summarize
from gradviz.trace.checks import Difference, GradientCheck
from gradviz.ui.inspector import Inspector
from gradviz.ui.inspector.index_slider import AxisSliders
from gradviz.ui.theme import theme
from tests.ui.recordings import Recording


class Shouting(QTranslator):
    """A language that can be told from English."""

    def translate(self, context, text, disambiguation=None, n=-1):
        return text.upper()

    def isEmpty(self):
        return False


@pytest.fixture
def inspector(qtbot, started):
    inspector = Inspector(started)
    qtbot.addWidget(inspector)
    inspector.resize(340, 640)
    inspector.show()
    return inspector


@pytest.fixture
def recording(client):
    return client.recordings[0]


def show_array(client, values, **node) -> Recording:
    """Records an iteration that makes nothing but this array."""
    values = np.asarray(values)
    info = TensorInfo(values.shape, str(values.dtype))
    made = Node(**{"id": 0, "key": "x", "kind": "operation", "name": "x", "outputs": (info,), **node})
    iteration = Iteration(7, nodes=[made], events=[Event("forward", 0)], complete=True)
    recording = Recording(iteration, {(0, "value"): values})
    client.record(recording)
    return recording


def statistics(inspector, page="value"):
    return inspector.pages[page].array.statistics


# ── which node ────────────────────────────────────────────────────────────────────────────────────────────


def test_before_the_first_run_it_says_what_appears_here(qtbot, model):
    inspector = Inspector(model)
    qtbot.addWidget(inspector)
    inspector.show()
    assert inspector.node is None
    assert "appear here" in inspector._empty.text() and inspector._empty.isVisible()


def test_it_follows_the_run_until_a_node_is_selected(inspector, started, recording):
    started.seek(recording.event_of("net/relu", "forward"))
    assert inspector.node.key == "net/relu"
    started.select("net.fc1.weight")
    started.seek(recording.event_of("criterion/nll_loss", "forward"))
    assert inspector.node.key == "net.fc1.weight"


def test_the_pin_selects_and_releases(qtbot, inspector, started, recording):
    started.seek(recording.event_of("net/relu", "forward"))
    qtbot.mouseClick(inspector.header.pin, Qt.MouseButton.LeftButton)
    assert started.selected_key == "net/relu"
    qtbot.mouseClick(inspector.header.pin, Qt.MouseButton.LeftButton)
    assert started.selected_key is None


def test_the_source_line_is_a_link(qtbot, inspector, started, recording):
    started.select("net/relu")
    assert inspector.header.source.text() == "simplenet.py:16 ↗"
    with qtbot.waitSignal(inspector.source_activated) as activated:
        qtbot.mouseClick(inspector.header.source, Qt.MouseButton.LeftButton)
    assert activated.args == [recording.node("net/relu").source]


def test_the_line_stays_readable_in_a_narrow_dock(qtbot, inspector, started):
    inspector.resize(280, 640)
    started.select("criterion/log_softmax")
    assert inspector.header.source.text().endswith(":30 ↗")
    assert inspector.width() == 280


# ── pages ─────────────────────────────────────────────────────────────────────────────────────────────────


def visible_pages(inspector):
    tabs = inspector.tabs
    return [tabs.tabText(place) for place in range(tabs.count()) if tabs.isTabVisible(place)]


def test_only_pages_that_apply_are_offered(inspector, started):
    started.select("net.fc1.weight")
    assert visible_pages(inspector) == ["Value", "Gradient", "Why", "Rule", "Update"]
    started.select("net/relu")
    assert visible_pages(inspector) == ["Value", "Gradient", "Why", "Rule", "Saved"]


def test_the_chosen_page_stays_and_comes_back(inspector, started):
    started.select("net.fc1.weight")
    inspector.choose_page("update")
    started.select("net/relu")
    assert inspector.page == "value"
    started.select("net.fc2.bias")
    assert inspector.page == "update"


def test_while_it_follows_the_phase_chooses_the_page(inspector, started, recording):
    started.seek(recording.event_of("net/relu", "forward"))
    assert inspector.page == "value"
    started.seek(recording.event_of("net/relu", "backward"))
    assert inspector.page == "gradient"
    started.seek(recording.event_of("net.fc1.weight", "update"))
    assert inspector.page == "update"


def test_tabs_can_be_reached_with_the_keyboard(qtbot, inspector, started):
    started.select("net/relu")
    inspector.tabs.setFocus()
    qtbot.keyClick(inspector.tabs, Qt.Key.Key_Right)
    assert inspector.page == "gradient"


# ── numbers ───────────────────────────────────────────────────────────────────────────────────────────────


def test_the_value_has_its_statistics(qtbot, inspector, started, recording):
    started.last()
    started.select("net/relu")
    array = recording.arrays[recording.node("net/relu").id, "value"]
    shown = statistics(inspector)
    qtbot.waitUntil(lambda: shown.text("shape") == "[64, 128]")
    assert float(shown.text("max")) == pytest.approx(array.max(), rel=1e-3)
    assert float(shown.text("norm")) == pytest.approx(np.linalg.norm(array), rel=1e-3)
    assert shown.text("zeros") == f"{(array == 0).mean() * 100:.1f} %"
    assert shown.text("bytes") == "32 KiB"


def test_a_gradient_that_is_not_computed_is_words_not_zeros(qtbot, inspector, started, recording):
    started.select("net/relu")
    inspector.choose_page("gradient")
    arrives = recording.event_of("net/relu", "backward")
    started.seek(arrives - 1)
    heatmap = inspector.pages["gradient"].array.heatmap
    assert "has not reached relu" in heatmap.words
    assert statistics(inspector, "gradient").text("norm") == "–"
    started.seek(arrives)
    qtbot.waitUntil(lambda: heatmap.words == "")
    assert float(statistics(inspector, "gradient").text("norm")) > 0
    started.seek(arrives - 1)
    assert "has not reached relu" in heatmap.words


def test_it_says_when_no_gradient_is_needed(inspector, started):
    started.last()
    started.select("labels")
    inspector.choose_page("gradient")
    assert inspector.pages["gradient"].array.heatmap.words == "labels does not need a gradient."


def test_after_backward_a_missing_gradient_is_final(inspector, client, started):
    info = TensorInfo((2,), "float32", True)
    nodes = [
        Node(id=0, key="used", kind="parameter", name="used", outputs=(info,)),
        Node(id=1, key="unused", kind="parameter", name="unused", outputs=(info,)),
    ]
    iteration = Iteration(1, nodes=nodes, events=[Event("accumulate", 0)], complete=True)
    client.record(Recording(iteration, {(0, "value"): np.ones(2), (1, "value"): np.ones(2)}))
    started.select("unused")
    inspector.choose_page("gradient")
    words = inspector.pages["gradient"].array.heatmap.words
    assert words == "No gradient flowed here: the loss does not depend on unused."


def test_the_last_picture_stays_while_the_next_is_fetched(qtbot, inspector, started, client):
    started.last()
    started.select("net/relu")
    shown = statistics(inspector)
    qtbot.waitUntil(lambda: shown.text("shape") == "[64, 128]")
    before = shown.text("norm")
    client.answers_looks = False
    started.step_forward("step")
    assert started.iteration.index == 1
    assert shown.text("norm") == before and inspector.pages["value"].array.heatmap.words == ""


def test_numbers_that_never_come_are_waited_for_in_words(qtbot, inspector, started, client):
    client.answers_looks = False
    started.select("images")
    qtbot.waitUntil(lambda: "Waiting" in inspector.pages["value"].array.heatmap.words)


def test_numbers_of_a_stopped_program_are_not_mistaken_for_new_ones(qtbot, inspector, started):
    started.last()
    started.select("net.fc1.weight")
    inspector.choose_page("value")
    qtbot.waitUntil(lambda: statistics(inspector).text("shape") == "[128, 784]")
    started.stop()
    assert statistics(inspector).text("shape") == "[128, 784]"
    started.first()
    assert "Press F5" in inspector.pages["value"].array.heatmap.words


def test_the_cell_under_the_mouse_is_read_out(qtbot, inspector, started, client):
    show_array(client, np.array([[1.5, -2.25], [0.125, 4.0]]))
    array = inspector.pages["value"].array
    qtbot.waitUntil(lambda: statistics(inspector).text("shape") == "[2, 2]")
    height = array.readout.height()
    center = array.heatmap.rect().center()
    qtbot.mouseMove(array.heatmap, center + QPoint(12, -12))
    assert "[0, 1]" in array.readout.text() and "-2.25" in array.readout.text()
    qtbot.mouseMove(array.heatmap, QPoint(1, 1))
    assert array.readout.text() == "" and array.readout.height() == height


def test_the_heat_map_can_be_read_with_the_keyboard(qtbot, inspector, started, client):
    show_array(client, np.array([[1.5, -2.25], [0.125, 4.0]]))
    array = inspector.pages["value"].array
    qtbot.waitUntil(lambda: statistics(inspector).text("shape") == "[2, 2]")
    array.heatmap.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        qtbot.keyClick(array.heatmap, key)
    assert "[1, 1]" in array.readout.text() and "4" in array.heatmap.accessibleDescription()


def test_a_click_and_enter_choose_an_element(qtbot, inspector, started, client):
    show_array(client, np.arange(12.0).reshape(3, 4))
    view, chosen = inspector.pages["value"].array, []
    qtbot.waitUntil(lambda: statistics(inspector).text("shape") == "[3, 4]")
    view.element_chosen.connect(lambda ref, index: chosen.append((ref.node, index)))
    target = view.heatmap._target(view.heatmap._cells)
    place = QPoint(int(target.x() + target.width() * 2.5 / 4), int(target.y() + target.height() * 1.5 / 3))
    qtbot.mouseClick(view.heatmap, Qt.MouseButton.LeftButton, pos=place)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Return):
        qtbot.keyClick(view.heatmap, key)
    assert chosen == [(0, (1, 2)), (0, (0, 1))]


def test_nothing_is_cut_off_in_the_narrowest_dock(qtbot, inspector, started, client):
    started.last()
    inspector.resize(280, 640)
    for key in ("net.fc1.weight", "net.fc1/addmm", "images", "criterion/nll_loss"):
        started.select(key)
        for page in ("value", "gradient", "why", "update", "saved", "rule"):
            inspector.choose_page(page)
            qtbot.wait(1)
            shown = inspector.pages[inspector.page]
            assert shown.minimumSizeHint().width() <= shown.parentWidget().width(), (key, page)
            shown_tabs = [i for i in range(inspector.tabs.count()) if inspector.tabs.isTabVisible(i)]
            assert inspector.tabs.tabRect(shown_tabs[-1]).right() <= inspector.tabs.width()
    started.select("net.fc1.weight")
    inspector.choose_page("value")
    inspector.pages["value"].array.choices.picture.click()
    qtbot.wait(1)
    shown = inspector.pages["value"]
    assert shown.minimumSizeHint().width() <= shown.parentWidget().width()


def test_the_language_can_change_while_it_is_shown(qtbot, inspector, started, recording, qapp):
    translator = Shouting()
    qapp.installTranslator(translator)
    try:
        started.select("labels")
        inspector.choose_page("gradient")
        qtbot.waitUntil(lambda: inspector.tabs.tabText(0) == "VALUE")
        assert inspector.pages["gradient"].array.heatmap.words == "labels DOES NOT NEED A GRADIENT."
    finally:
        qapp.removeTranslator(translator)
    qtbot.waitUntil(lambda: inspector.tabs.tabText(0) == "Value")


def test_means_say_that_they_are_means(qtbot, inspector, started):
    started.select("net.fc1.weight")
    array = inspector.pages["value"].array
    qtbot.waitUntil(lambda: statistics(inspector).text("shape") == "[128, 784]")
    assert "mean of 1×5" in array.readout.text()
    qtbot.mouseMove(array.heatmap, array.heatmap.rect().center())
    assert ":" in array.readout.text() and "mean of 1×5" in array.readout.text()


def test_leading_axes_have_sliders(qtbot, inspector, started, client):
    values = np.arange(2 * 3 * 2 * 2 * 2.0).reshape(2, 3, 2, 2, 2)
    show_array(client, values)
    array = inspector.pages["value"].array
    qtbot.waitUntil(lambda: statistics(inspector).text("shape") == "[2, 3, 2, 2, 2]")
    first, second, third = array._axes._sliders
    first.set_value(1)
    second.set_value(2)
    qtbot.waitUntil(lambda: array._cells.summary.index == (1, 2, 0))
    assert (array._cells.values == values[1, 2, 0]).all()
    third.setFocus()
    qtbot.keyClick(third._slider, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: array._cells.summary.index == (1, 2, 1))


def test_a_row_can_be_seen_as_a_picture(qtbot, inspector, started, recording):
    started.select("net.fc1.weight")
    array = inspector.pages["value"].array
    qtbot.waitUntil(lambda: statistics(inspector).text("shape") == "[128, 784]")
    qtbot.mouseClick(array.choices.picture, Qt.MouseButton.LeftButton)
    array.choices.row.set_value(5)
    weight = recording.arrays[recording.node("net.fc1.weight").id, "value"]
    qtbot.waitUntil(lambda: np.array_equal(array._cells.values, weight[5].reshape(28, 28)))
    assert array._cells.index(1, 4) == (5, 32) and array._cells.index_text(1, 4) == "[5, 32]"
    assert statistics(inspector).text("shape") == "[128, 784]"
    array.choices.sizes.setCurrentIndex(1)
    array.choices.sizes.activated.emit(1)
    qtbot.waitUntil(lambda: array._cells.values.shape == (16, 49))
    assert (array._cells.values == weight[5].reshape(16, 49)).all()


def test_all_rows_can_be_seen_as_pictures_and_are_for_the_gradient_too(qtbot, inspector, started, recording):
    started.last()
    started.select("net.fc1.weight")
    inspector.choose_page("value")
    array = inspector.pages["value"].array
    qtbot.waitUntil(lambda: array.choices.mosaic.isVisible())
    qtbot.mouseClick(array.choices.mosaic, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: array._cells is not None and array._cells.tiles is not None)
    assert array._cells.tiles.count == 128
    inspector.choose_page("gradient")
    gradient = inspector.pages["gradient"].array
    qtbot.waitUntil(lambda: gradient._cells is not None and gradient._cells.tiles is not None)
    started.select("net.fc2.weight")
    inspector.choose_page("value")
    assert array._tiles is None
    started.select("net.fc1.weight")
    assert array._tiles is not None and array.choices.mosaic.isChecked()


def test_filters_lie_side_by_side_and_name_their_elements(qtbot, inspector, started, client):
    values = np.arange(4 * 3 * 5 * 5.0, dtype=np.float32).reshape(4, 3, 5, 5)
    show_array(client, values)
    array = inspector.pages["value"].array
    qtbot.waitUntil(lambda: array.choices.mosaic.isVisible())
    array.choices.mosaic.click()
    qtbot.waitUntil(lambda: array._cells is not None and array._cells.tiles is not None)
    row, col = next(
        (r, c) for (r, c), number in np.ndenumerate(array._cells.values) if number == values[0, 2, 3, 4]
    )
    assert array._cells.index_text(row, col) == "[0, 2, 3, 4]"


def test_three_channels_of_an_input_are_one_picture_in_colours(qtbot, inspector, started, client):
    values = np.random.default_rng(0).random((2, 3, 16, 16), np.float32)
    show_array(client, values, kind="input")
    array = inspector.pages["value"].array
    qtbot.waitUntil(lambda: array._cells is not None and array._cells.rgb is not None)
    assert array._cells.index_text(4, 5) == "[0, :, 4, 5]"
    array._axes._sliders[0].set_value(1)
    qtbot.waitUntil(lambda: (array._cells.values == values[1, 0]).all())
    assert array.heatmap._image.width() == 16
    array.choices.colors.click()
    qtbot.waitUntil(lambda: array._cells.rgb is None)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([[np.nan, 1.0], [np.inf, 2.0]]), {"nan": "1", "inf": "1", "max": "2"}),
        (np.full(3, np.nan), {"nan": "3", "max": "–"}),
        (np.array(0.5), {"shape": "[]", "mean": "0.5"}),
        (np.zeros((0, 4)), {"shape": "[0, 4]", "max": "–", "zeros": "–"}),
        (np.arange(10), {"dtype": "int64", "max": "9"}),
        (np.array([True, False]), {"dtype": "bool", "mean": "0.5"}),
        (np.full((5, 5), 1e38, np.float32), {"max": "1e38"}),
    ],
    ids=["nan and inf", "all nan", "scalar", "empty", "int64", "bool", "huge"],
)
def test_any_array_can_be_shown(qtbot, inspector, started, client, values, expected):
    show_array(client, values)
    shown = statistics(inspector)
    qtbot.waitUntil(lambda: {key: shown.text(key) for key in expected} == expected)
    inspector.grab()


def test_nan_is_counted_beside_its_colour(qtbot, inspector, started, client):
    show_array(client, np.array([np.nan, 1.0, np.nan]))
    readout = inspector.pages["value"].array.readout
    qtbot.waitUntil(lambda: "2 NaN" in readout.text())
    assert theme.color("nan").name() in readout.text()


def test_several_outputs_can_be_chosen(qtbot, inspector, started, client):
    outputs = (TensorInfo((2,), "float32"), TensorInfo((3,), "int64"))
    recording = show_array(client, np.zeros(2), outputs=outputs)
    chooser = inspector.pages["value"]._outputs
    assert chooser.isVisible() and chooser.count() == 2
    chooser.setCurrentIndex(1)
    asked = [array for command in client.commands for array in getattr(command, "arrays", ())]
    qtbot.waitUntil(
        lambda: any(
            array.iteration == recording.iteration.index and array.output == 1
            for command in client.commands
            for array in getattr(command, "arrays", ())
        )
    )
    assert all(array.output == 0 for array in asked)


# ── update, saved, rule ───────────────────────────────────────────────────────────────────────────────────


def test_update_shows_old_gradient_new_of_the_largest_changes(qtbot, inspector, started, recording):
    started.last()
    started.select("net.fc1.weight")
    inspector.choose_page("update")
    table = inspector.pages["update"].table
    qtbot.waitUntil(lambda: table.rowCount() == 8)
    node = recording.node("net.fc1.weight").id
    old, grad, new = (recording.arrays[node, role] for role in ("value", "grad", "updated"))
    place = np.unravel_index(np.abs(new - old).argmax(), old.shape)
    texts = [table.item(0, col).text() for col in range(4)]
    assert texts[0] == f"[{place[0]}, {place[1]}]"
    assert [float(text) for text in texts[1:]] == pytest.approx(
        [old[place], grad[place], new[place]], rel=1e-3
    )


def test_update_is_words_until_it_happens(inspector, started, recording):
    started.select("net.fc1.weight")
    inspector.choose_page("update")
    started.seek(recording.event_of("net.fc1.weight", "update") - 1)
    page = inspector.pages["update"]
    assert "Not updated yet" in page._absent.words
    assert page._absent.isVisible() and not page.table.isVisible()


def test_an_update_of_arrays_that_do_not_fit_together_is_not_drawn(inspector, started, monkeypatch):
    shapes = {"value": (8, 4), "grad": (2, 16)}
    monkeypatch.setattr(started, "summary", lambda ref, *_: summarize(np.ones(shapes[ref.role]), 16, 16))
    started.last()
    started.select("net.fc2.weight")
    inspector.choose_page("update")
    assert not inspector.pages["update"].table.rowCount()


def test_rows_of_the_table_can_be_copied(qtbot, inspector, started):
    started.last()
    started.select("net.fc2.bias")
    inspector.choose_page("update")
    table = inspector.pages["update"].table
    qtbot.waitUntil(lambda: table.rowCount() == 8)
    table.selectRow(1)
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text()
    assert copied == "\t".join(table.item(1, col).text() for col in range(4))


def test_saved_arrays_are_listed_and_drawn(qtbot, inspector, started, recording):
    started.last()
    started.select("net.fc1/addmm")
    inspector.choose_page("saved")
    page = inspector.pages["saved"]
    assert [page.list.item(row).text().split()[0] for row in range(page.list.count())] == ["mat1", "mat2"]
    page.list.setCurrentRow(1)
    qtbot.waitUntil(lambda: statistics(inspector, "saved").text("shape") == "[784, 128]")


def test_the_rule_has_formulas_and_the_numbers_of_the_moment(qtbot, inspector, started, recording):
    started.select("net/relu")
    inspector.choose_page("rule")
    page = inspector.pages["rule"]
    assert r"= g \odot 1[input > 0]" in page.plain_text()
    assert "input = net.fc1/addmm [64, 128]" in page.plain_text()
    assert "Not computed yet." in page.plain_text()
    started.last()
    gradient = recording.arrays[recording.node("net/relu").id, "grad"]
    qtbot.waitUntil(lambda: f"‖g‖ = {np.linalg.norm(gradient):.4g}" in page.plain_text())


def test_a_gradient_from_several_uses_says_so(qtbot, inspector, started, client):
    info = TensorInfo((), "float32", True)
    leaf = Node(id=0, key="w", kind="parameter", name="w", outputs=(info,))
    square = Node(
        id=1,
        key="mul",
        kind="operation",
        name="mul",
        inputs=(Input(0, argument="x"), Input(0, argument="y")),
        outputs=(info,),
        vjp=(r"g \odot y", r"g \odot x"),
        arguments=("x", "y"),
    )
    unused = msgspec.structs.replace(square, id=2, key="mul#1")  # no gradient flows back through this one
    events = [Event("forward", 1), Event("forward", 2), Event("backward", 1), Event("accumulate", 0)]
    iteration = Iteration(3, nodes=[leaf, square, unused], events=events, complete=True)
    arrays = {(0, "value"): 3.0, (0, "grad"): 6.0, (1, "value"): 9.0, (1, "grad"): 1.0}
    client.record(Recording(iteration, {key: np.array(value) for key, value in arrays.items()}))
    started.last()
    inspector.choose_page("rule")
    started.select("mul")
    page = inspector.pages["rule"]
    numbers = "g = 1, x = 3, y = 3  →  ∂L/∂x = 6 (sum over 2 uses)"
    qtbot.waitUntil(lambda: numbers in page.plain_text())
    started.select("mul#1")
    assert "No gradient flowed here." in page.plain_text()


def test_scalars_are_put_into_the_rule(qtbot, inspector, started):
    started.last()
    started.select("criterion/nll_loss")
    inspector.choose_page("rule")
    page = inspector.pages["rule"]
    qtbot.waitUntil(lambda: "g = 1, ‖input‖" in page.plain_text())


def test_both_themes_draw(qtbot, inspector, started):
    started.last()
    started.select("net/relu")
    qtbot.waitUntil(lambda: statistics(inspector).text("shape") == "[64, 128]")
    assert inspector.grab().toImage().pixelColor(5, 300) == theme.color("panel")
    theme.use("light")
    qtbot.waitUntil(lambda: inspector.grab().toImage().pixelColor(5, 300) == theme.color("panel"))


def test_an_axis_longer_than_qt_can_count_still_has_its_slider(qtbot):
    sliders = AxisSliders()
    qtbot.addWidget(sliders)
    sliders.set_shape((1 << 40, 2, 2))
    assert sliders.findChild(QSlider).maximum() == (1 << 31) - 1


def test_a_backward_is_checked_at_a_click_and_the_verdict_is_words(inspector, started, client):
    started.last()
    started.select("net/relu")
    inspector.choose_page("rule")
    row = inspector.pages["rule"].check
    assert not row.result.isVisible()
    client.commands.clear()  # an iteration as small as this is checked all by itself
    row.button.click()
    (command,) = [command for command in client.commands if isinstance(command, Check)]
    assert command.node == started.node("net/relu").id and not row.button.isEnabled()
    wrong = GradientCheck("x", "wrong", 4, 0, (Difference((0, 1), 2.0, 1.0),))
    client.report(Checked(command.iteration, command.node, [GradientCheck("y", "right", 8, 1), wrong]))
    assert row.result.text().startswith("✓ ∂L/∂y") and "expected 2, found 1" in row.result.text()
    started.select("images")
    assert not row.isVisible()
