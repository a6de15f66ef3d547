"""What is changed when the past is forked, in the window's words."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath

from msgspec.structs import replace
from PySide6.QtCore import QCoreApplication

from gradviz.trace.branches import Edit, SetElement, SetLearningRate, SetLoss, SetNumber, SetSample
from gradviz.ui.numbers import compact, shape_text


def words_of(edit: Edit) -> str:
    """ "lr 0.1", "net.fc1.weight[3, 5] = 0.2", "label of sample 4: 7"."""
    translate = QCoreApplication.translate
    match edit:
        case SetLearningRate():
            return translate("Edits", "lr {0}").format(compact(edit.value))
        case SetElement():
            return f"{edit.name}{shape_text(edit.index)} = {compact(edit.value)}"
        case SetNumber():
            return f"{place_of(edit)} = {compact(edit.value)}"
        case SetLoss():
            return translate("Edits", "loss {0}").format(PurePath(edit.path).stem)
        case SetSample() if edit.label is not None:
            return translate("Edits", "label of sample {0}: {1}").format(edit.position, compact(edit.label))
        case SetSample() if edit.value is not None:
            place = shape_text(edit.index)
            return translate("Edits", "sample {0}{1} = {2}").format(edit.position, place, compact(edit.value))
    return ""


def place_of(edit: SetNumber) -> str:
    """ "net.fc1.bias[3]", "∇net.fc1.addmm[0, 3]"."""
    sign = "∇" if edit.role == "grad" else ""
    return f"{sign}{edit.key.removeprefix('/').replace('/', '.')}{shape_text(edit.index)}"


def name_of(edits: Iterable[Edit]) -> str:
    """A name for the branch that begins with these edits."""
    return ", ".join(words_of(edit) for edit in edits)


def same_place(one: Edit, other: Edit) -> bool:
    """Whether an edit takes the place of another one, because both set the same thing."""
    match one, other:
        case SetElement(), SetElement():
            return (one.name, one.index) == (other.name, other.index)
        case SetNumber(), SetNumber():
            return replace(one, value=0.0) == replace(other, value=0.0)
        case SetSample(), SetSample():
            same = one.position == other.position and one.index == other.index
            return same and (one.label is None) == (other.label is None)
    return type(one) is type(other)
