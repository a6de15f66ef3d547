"""Marks follow their lines while the program is edited."""

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QTextCursor, QTextDocument

from gradviz.ui.editor.line_tracker import LineTracker, unchanged_lines

lines = st.lists(st.sampled_from(["a", "b", "", "c"]), min_size=1, max_size=12)


@given(lines, lines)
def test_only_equal_lines_are_matched_and_in_order(before, after):
    same = unchanged_lines(before, after)
    assert all(before[then - 1] == after[now - 1] for then, now in same.items())
    assert [same[then] for then in sorted(same)] == sorted(same.values())


@given(lines, lines, lines)
def test_an_insertion_loses_no_line(head, middle, tail):
    assert len(unchanged_lines(head + tail, head + middle + tail)) == len(head) + len(tail)


def test_an_edited_line_is_nowhere_until_the_edit_is_undone(qapp):
    document = QTextDocument("a\nb\nc")
    tracker = LineTracker(document)
    cursor = QTextCursor(document.findBlockByNumber(1))
    cursor.insertText("new\nx")
    assert [tracker.now(line) for line in (1, 2, 3)] == [1, None, 4]
    assert [tracker.then(line) for line in (1, 2, 3, 4)] == [1, None, None, 3]
    document.undo()
    assert tracker.now(2) == 2
    tracker.restart()
    assert tracker.now(4) is None
