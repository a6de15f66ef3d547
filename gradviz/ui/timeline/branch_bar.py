"""The branches of the run in a row of chips; there is no row while there is only one."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QWidget

from gradviz.ui.branch import BranchModel
from gradviz.ui.branch_look import look_of
from gradviz.ui.edits import name_of
from gradviz.ui.flow_layout import FlowRow
from gradviz.ui.model import SessionModel
from gradviz.ui.numbers import grouped
from gradviz.ui.timeline.branch_chip import BranchChip

MARGIN = 6  # left and right: as the strip of events has it


class BranchBar(FlowRow):
    """Wraps into as many lines as the chips take."""

    def __init__(self, model: SessionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.chips: dict[BranchModel, BranchChip] = {}
        self.flow.setContentsMargins(MARGIN, 2, MARGIN, 2)
        model.branches.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Brings the chips to the model's branches."""
        branches = self._model.branches
        for branch in [known for known in self.chips if known not in branches.lasting]:
            chip = self.chips.pop(branch)
            self.flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()  # it may be the one whose click is being handled
        for branch in branches.lasting:
            if branch not in self.chips:
                self.chips[branch] = self._new_chip(branch)
            self._show(branch)
        self.setVisible(len(branches.lasting) > 1)
        self.updateGeometry()

    def _new_chip(self, branch: BranchModel) -> BranchChip:
        model = self._model
        chip = BranchChip(look_of(branch.id), can_be_dropped=branch.origin is not None, parent=self)
        chip.shown_wanted.connect(partial(model.branches.show, branch))
        chip.compare_wanted.connect(partial(self._compare, branch))
        chip.renamed.connect(partial(model.branches.rename, branch))
        chip.dropped.connect(partial(model.drop_branch, branch))
        self.flow.addWidget(chip)
        chip.show()
        return chip

    def _compare(self, branch: BranchModel) -> None:
        """Compares with a branch, or no longer."""
        branches = self._model.branches
        branches.compare(None if branch is branches.compared else branch)

    def _show(self, branch: BranchModel) -> None:
        branches = self._model.branches
        name, compared = branches.name_of(branch), branch is branches.compared
        self.chips[branch].show_branch(
            f"{name} …" if branches.is_coming(branch) else name,
            self._tip(branch),
            shown=branch is branches.shown,
            compared=compared,
            words={
                "compare": self.tr("✓ compared") if compared else self.tr("compare"),
                "compare_tip": self.tr("Compare the shown branch with {0}").format(name),
                "drop_tip": self.tr("Drop {0}").format(name),
                "question": self.tr("Drop {0}?").format(name),
                "rename": self.tr("Name of the branch"),
                "drop": self.tr("Drop"),
                "keep": self.tr("Keep"),
            },
        )

    def _tip(self, branch: BranchModel) -> str:
        lines = [self._model.branches.name_of(branch)]
        if branch.status.state == "failed":
            lines.append(self.tr("It has failed: Problems says why."))
        if branch.origin is not None:
            step = grouped(branch.origin.iteration + 1)
            lines.append(self.tr("from step {0}: {1}").format(step, name_of(branch.origin.edits)))
        lines.append(self.tr("Click to show it, double click to rename it"))
        return "\n".join(lines)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.refresh()
        super().changeEvent(event)
