"""Tooltips say just what they are given."""

from gradviz.ui.inspector.labels import ElidedLabel
from gradviz.ui.tips import plain_tip


def test_words_are_wrapped_and_never_markup():
    assert plain_tip("a < b\nc") == "<qt>a &lt; b<br>c</qt>"
    assert plain_tip("") == ""


def test_the_whole_of_an_elided_name_is_no_markup(qtbot):
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.set_text("<img src='x'> " * 9)
    label.resize(60, 20)
    label.grab()
    assert "&lt;img" in label.toolTip() and "<img" not in label.toolTip()
