"""What a name is: its signature, a paragraph of words, and the maths of an operation."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from gradviz.session.language.protocol import Description
from gradviz.ui.formula import FormulaLabel, formula_latex, rule_latex
from gradviz.ui.theme import font, set_color, theme

WIDTH = 340


class NameCard(QWidget):
    """`show_description` says whether there is anything to show."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._words = QLabel(), QLabel()
        self._title.setFont(font(9, mono=True))
        self._words.setFont(font(9))
        for label in (self._title, self._words):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setMinimumWidth(1)
        self._formulas: list[FormulaLabel] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(10, 8, 10, 8)
        self._layout.setSpacing(6)
        self._layout.addWidget(self._title)
        self._layout.addWidget(self._words)
        self.setFixedWidth(WIDTH)
        theme.changed.connect(self._recolor)
        self._recolor()

    def show_description(self, description: Description) -> bool:
        for formula in self._formulas:
            formula.hide()
            formula.deleteLater()
        self._formulas.clear()
        self._title.setText(description.title)
        self._words.setText(description.words)
        self._words.setVisible(bool(description.words))
        if description.formula:
            self._add(formula_latex(description.formula))
        for argument, rule in description.rules:
            self._add(rule_latex(argument, rule))
        self.setAccessibleName("\n".join(filter(None, (description.title, description.words))))
        return bool(description.title)

    def _recolor(self) -> None:
        set_color(self._title, "text")
        set_color(self._words, "dim")

    def _add(self, latex: str) -> None:
        formula = FormulaLabel()
        formula.set_latex(latex)
        self._layout.addWidget(formula)
        self._formulas.append(formula)
