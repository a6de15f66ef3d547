"""Formulas are drawn, or shown as text when they cannot be."""

from gradviz.ui.formula import FormulaLabel, render, rendered
from gradviz.ui.theme import theme


def test_a_formula_is_drawn_when_there_is_time(qtbot):
    label = FormulaLabel()
    qtbot.addWidget(label)
    label.set_latex(r"\frac{a}{b_7}")
    qtbot.waitUntil(lambda: bool(rendered(r"\frac{a}{b_7}")))
    assert label._renderer.isValid() and label.sizeHint().height() > 25
    assert label.accessibleName() == r"\frac{a}{b_7}"


def test_each_theme_has_its_own_drawing(qtbot):
    dark = render("x + y")
    theme.use("light")
    assert rendered("x + y") is None
    assert render("x + y") != dark


def test_what_cannot_be_drawn_is_text(qtbot):
    assert render(r"\frac{") == b""
    label = FormulaLabel()
    qtbot.addWidget(label)
    label.resize(200, 30)
    label.set_latex(r"\frac{")
    blank = label.grab().toImage()
    label.set_latex("")
    assert label.grab().toImage() != blank
