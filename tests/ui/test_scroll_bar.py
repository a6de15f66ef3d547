"""Slim scroll bars behave like any other."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPlainTextEdit

from gradviz.ui.scroll_bar import use_slim_scroll_bars


def test_handle_is_dragged_and_a_press_beside_it_moves_it_there(qtbot):
    text = QPlainTextEdit("line\n" * 200)
    qtbot.addWidget(text)
    use_slim_scroll_bars(text)
    text.resize(200, 200)
    text.show()
    bar = text.verticalScrollBar()
    assert bar.isVisible() and bar.width() <= 12 and bar.handle().top() == 0

    x, middle = bar.width() // 2, int(bar.handle().height() / 2)
    qtbot.mousePress(bar, Qt.MouseButton.LeftButton, pos=QPoint(x, middle))
    assert bar.value() == 0  # taking hold of it does not move it
    qtbot.mouseMove(bar, QPoint(x, bar.height()))
    qtbot.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=QPoint(x, bar.height()))
    assert bar.value() == bar.maximum()

    qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=QPoint(x, bar.height() // 2))
    assert abs(bar.value() - bar.maximum() / 2) < 10
    assert text.firstVisibleBlock().blockNumber() == bar.value()
    text.grab()


def test_there_is_no_handle_where_nothing_can_be_scrolled(qtbot):
    text = QPlainTextEdit("one line")
    qtbot.addWidget(text)
    use_slim_scroll_bars(text)
    text.show()
    assert not text.verticalScrollBar().isVisible()
