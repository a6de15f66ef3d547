"""The numbers themselves: as a table that asks for what is in sight, copied as NumPy, saved as .npy."""

import numpy as np
import pytest
from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from gradviz.session.protocol import Fetch, Fetched
from gradviz.trace import ArrayRef, RawArray
from gradviz.ui.inspector import Inspector
from gradviz.ui.inspector.array_export import MAX_COPIED, write_array
from gradviz.ui.inspector.array_numbers import MAX_UNDER_WAY, PAGE_ROWS
from gradviz.ui.inspector.array_table import ArrayTable
from tests.ui.inspector.test_inspector import show_array

REF = ArrayRef(0, 0, 0, "value")
NUMPY = {"np": np}


@pytest.fixture
def inspector(qtbot, started):
    inspector = Inspector(started)
    qtbot.addWidget(inspector)
    inspector.resize(360, 700)
    inspector.show()
    return inspector


@pytest.fixture
def said(inspector):
    words = []
    inspector.message.connect(words.append)
    return words


def value_view(qtbot, inspector, client, model, values, *, numbers=False):
    """The view of an array that is shown, as a picture or as numbers."""
    show_array(client, values)
    model.select("x")
    view = inspector.pages["value"].array
    qtbot.waitUntil(lambda: view._summary is not None and view._summary.shape == np.shape(values))
    if numbers:
        view.choices.numbers.click()
    if numbers and np.size(values):
        qtbot.waitUntil(lambda: text(view.table, 0, 0) not in ("…", None))
    return view


def text(table, row, col):
    return table.numbers.index(row, col).data()


def copied() -> np.ndarray:
    return eval(QGuiApplication.clipboard().text(), NUMPY)


def select(table, top, left, bottom, right):
    numbers = table.numbers
    area = QItemSelection(numbers.index(top, left), numbers.index(bottom, right))
    table.table.selectionModel().select(area, QItemSelectionModel.SelectionFlag.ClearAndSelect)


class Worker:
    """A source that keeps what it is asked for until it is told to answer."""

    def __init__(self, values=None):
        self.values = values
        self.asked = []

    def summary(self, ref, rows=10, cols=16, bins=0, index=()):
        return None

    def fetch(self, ref, deliver, part=None):
        self.asked.append((deliver, part))

    def answer(self):
        for deliver, part in self.asked[:]:
            self.asked.remove((deliver, part))
            deliver(Fetched(0, None if self.values is None else RawArray.of(part.of(self.values)), 1))


@pytest.fixture
def table_of(qtbot):
    def make(worker, shape, dtype="float32", leading=()):
        table = ArrayTable(worker)
        qtbot.addWidget(table)
        table.resize(340, 300)
        table.show()
        table.show_slice(REF, shape, dtype, leading)
        qtbot.waitUntil(lambda: bool(worker.asked) or not table.numbers.rowCount())
        return table

    return make


# ── the table ─────────────────────────────────────────────────────────────────────────────────────────────


def test_the_table_shows_every_digit(qtbot, inspector, client, started):
    values = np.float32([[0.1, 1e-20], [np.nan, -np.inf]])
    view = value_view(qtbot, inspector, client, started, values, numbers=True)
    shown = [[text(view.table, row, col) for col in (0, 1)] for row in (0, 1)]
    assert shown == [["0.1", "1e-20"], ["nan", "-inf"]]


@pytest.mark.parametrize("values", [np.complex64([[1 + 2j]]), np.array([[True]]), np.array([[-(2**60)]])])
def test_numbers_of_any_dtype_are_shown_as_they_are(qtbot, inspector, client, started, values):
    view = value_view(qtbot, inspector, client, started, values, numbers=True)
    assert text(view.table, 0, 0) == str(values[0, 0])


def test_a_vector_is_a_column(qtbot, inspector, client, started):
    view = value_view(qtbot, inspector, client, started, np.arange(5, dtype=np.float32), numbers=True)
    numbers = view.table.numbers
    assert (numbers.rowCount(), numbers.columnCount()) == (5, 1) and text(view.table, 4, 0) == "4.0"
    assert numbers.place(numbers.index(4, 0)) == (4,)


def test_a_scalar_is_one_number(qtbot, inspector, client, started):
    view = value_view(qtbot, inspector, client, started, np.float32(0.5), numbers=True)
    numbers = view.table.numbers
    assert text(view.table, 0, 0) == "0.5" and numbers.place(numbers.index(0, 0)) == ()


def test_without_elements_words_stay_in_place_of_the_table(qtbot, inspector, client, started):
    view = value_view(qtbot, inspector, client, started, np.empty((0, 3), np.float32), numbers=True)
    assert view.heatmap.isVisible() and view.heatmap.words == "This array has no elements."


def test_once_the_program_is_gone_words_say_so(qtbot, inspector, client, started):
    view = value_view(qtbot, inspector, client, started, np.ones((2, 3), np.float32))
    client.end(1)
    view.choices.numbers.click()
    assert view.heatmap.isVisible() and "Press F5" in view.heatmap.words
    view.choices.numbers.click()
    assert view.heatmap.words == ""


def test_a_click_and_enter_ask_why(qtbot, inspector, client, started):
    view = value_view(qtbot, inspector, client, started, np.eye(3, dtype=np.float32), numbers=True)
    grid = view.table.table
    place = grid.visualRect(view.table.numbers.index(2, 1)).center()
    with qtbot.waitSignal(view.element_chosen) as chosen:
        qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args[1] == (2, 1)
    inspector.choose_page("value")
    grid.setCurrentIndex(view.table.numbers.index(0, 2))
    with qtbot.waitSignal(view.element_chosen) as chosen:
        qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert chosen.args[1] == (0, 2)


def test_a_cell_says_its_index_to_a_screen_reader(qtbot, inspector, client, started):
    view = value_view(qtbot, inspector, client, started, np.ones((2, 3, 4), np.float32), numbers=True)
    index = view.table.numbers.index(1, 2)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "[0, 1, 2] 1.0"


def test_only_what_is_in_sight_is_asked_for(qtbot, table_of):
    worker = Worker()
    table = table_of(worker, (1 << 14, 1 << 15))  # 2 GiB
    assert 1 <= len(worker.asked) <= MAX_UNDER_WAY
    assert all(part.rows * part.cols <= 2048 and part.row < 128 for _, part in worker.asked)
    table.table.scrollToBottom()
    worker.answer()
    qtbot.waitUntil(lambda: any(part.row > (1 << 14) - 128 for _, part in worker.asked))


def test_a_vector_of_half_a_billion_numbers_has_pages(qtbot, table_of):
    worker = Worker()
    table = table_of(worker, (1 << 29,))
    assert table.numbers.rowCount() == PAGE_ROWS
    table._pages[0].set_value(10_000)
    qtbot.waitUntil(lambda: worker.asked[-1][1].col >= 10_000 * PAGE_ROWS)
    assert table.numbers.headerData(0, Qt.Orientation.Vertical) == str(10_000 * PAGE_ROWS)


def test_an_answer_about_another_slice_is_not_shown(qtbot, table_of):
    values = np.arange(12, dtype=np.float32).reshape(2, 2, 3)
    worker = Worker(values)
    table = table_of(worker, values.shape)
    late = list(worker.asked)
    table.show_slice(REF, values.shape, "float32", (1,))
    for deliver, part in late:
        deliver(Fetched(0, RawArray.of(part.of(values)), values.nbytes))
    assert text(table, 0, 0) == "…"
    qtbot.waitUntil(lambda: len(worker.asked) > len(late))
    worker.answer()
    assert text(table, 0, 0) == "6.0"


def test_numbers_stay_until_those_of_another_moment_come(qtbot, table_of):
    worker = Worker(np.zeros((2, 2), np.float32))
    table = table_of(worker, (2, 2))
    worker.answer()
    worker.values = np.ones((2, 2), np.float32)
    table.show_slice(REF, (2, 2), "float32", ())
    assert text(table, 0, 0) == "0.0"
    qtbot.waitUntil(lambda: bool(worker.asked))
    worker.answer()
    assert text(table, 0, 0) == "1.0"


def test_what_does_not_come_is_a_dash(qtbot, table_of):
    worker = Worker()
    table = table_of(worker, (2, 2))
    worker.answer()
    assert text(table, 0, 0) == "–"


# ── copied and saved ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "values",
    [
        np.float32([[0.1, np.nan], [np.inf, -0.0]]),
        np.arange(40, dtype=np.int64),
        np.float64(0.1),
        np.array([[1 + 2j]]),
        np.array([True, False]),
    ],
)
def test_ctrl_c_on_the_picture_copies_the_array(qtbot, inspector, client, started, said, values):
    view = value_view(qtbot, inspector, client, started, values)
    view.heatmap.setFocus()
    qtbot.keyClick(view.heatmap, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert np.array_equal(copied(), values, equal_nan=values.dtype.kind in "fc")
    assert copied().dtype == values.dtype and copied().shape == values.shape
    assert said[-1].startswith("Copied as NumPy")


def test_of_more_than_two_axes_the_shown_slice_is_copied(qtbot, inspector, client, started):
    values = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    view = value_view(qtbot, inspector, client, started, values)
    view._axes._sliders[0].set_value(1)
    qtbot.waitUntil(lambda: view._cells.summary.index == (1,))
    view.heatmap.actions()[0].trigger()
    assert np.array_equal(copied(), values[1])


def test_the_selected_numbers_are_copied_from_the_table(qtbot, inspector, client, started):
    values = np.arange(20, dtype=np.float32).reshape(4, 5)
    view = value_view(qtbot, inspector, client, started, values, numbers=True)
    select(view.table, 1, 2, 3, 3)
    view.table.table.setFocus()
    qtbot.keyClick(view.table.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert np.array_equal(copied(), values[1:4, 2:4])


def test_too_many_numbers_are_not_copied_and_it_says_what_to_do(qtbot, inspector, client, started, said):
    QGuiApplication.clipboard().setText("before")
    view = value_view(qtbot, inspector, client, started, np.zeros((2, MAX_COPIED), np.float32))
    view.heatmap.actions()[0].trigger()
    assert QGuiApplication.clipboard().text() == "before"
    assert "8,192 numbers are too many" in said[-1] and ".npy" in said[-1]


def test_without_numbers_it_says_so(inspector, started, said):
    started.select("net/relu")
    inspector.choose_page("gradient")
    inspector.pages["gradient"].array.heatmap.actions()[0].trigger()
    assert said == ["There are no numbers here at this moment"]


def test_an_array_that_cannot_travel_is_said_to_be_too_large(qtbot, inspector, client, started, said):
    view = value_view(qtbot, inspector, client, started, np.ones((2, 2), np.float32))
    client.send = client.keep
    view.heatmap.actions()[1].trigger()
    fetch = next(command for command in client.commands if isinstance(command, Fetch))
    client.report(Fetched(fetch.request, None, 2 << 30))
    assert "2 GiB" in said[-1]


def test_the_whole_array_is_saved(qtbot, inspector, client, started, said, tmp_path):
    values = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    view = value_view(qtbot, inspector, client, started, values)
    view.heatmap.actions()[1].trigger()
    dialog = inspector.findChild(QFileDialog)
    path = tmp_path / "array.npy"
    dialog.fileSelected.emit(str(path))
    dialog.close()
    assert np.array_equal(np.load(path), values) and said[-1].endswith("array.npy written")


def test_what_cannot_be_written_is_said(qtbot, inspector, client, started, said, tmp_path):
    view = value_view(qtbot, inspector, client, started, np.ones(3, np.float32))
    view.heatmap.actions()[1].trigger()
    dialog = inspector.findChild(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path))
    dialog.close()
    assert "was not written: it is not a file" in said[-1]


def test_a_file_is_replaced_in_one_step(tmp_path):
    path = tmp_path / "a.npy"
    path.write_bytes(b"before")
    with pytest.raises(ValueError):
        write_array(path, np.array([object()]))
    assert path.read_bytes() == b"before"


@pytest.mark.parametrize("place", range(3))
def test_each_map_of_an_update_can_be_copied(qtbot, inspector, client, started, place):
    started.last()
    started.select("net.fc2.bias")
    inspector.choose_page("update")
    page = inspector.pages["update"]
    qtbot.waitUntil(lambda: bool(page._drawn))
    part = ("old", "gradient", "new")[place]
    page._maps[part].actions()[0].trigger()
    assert np.allclose(copied(), page._cells[place].values.reshape(-1)[:10], atol=1e-7)
