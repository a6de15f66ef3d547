"""Which curves a page of the plots shows: of one branch, or of all of them in one plot."""

from __future__ import annotations

import numpy as np

from gradviz.ui.branch import BranchModel
from gradviz.ui.branch_look import ROLES, look_of
from gradviz.ui.branches import Branches
from gradviz.ui.plots.plot import Curve

GROUPS = ("grad_norm", "update_ratio")
"""Pages with a curve for each parameter: "grad_norm/net.fc1.weight", …"""
MAX_CURVES = 48
PATTERNS = ((), (5, 2.5), (1.5, 2)), ((8, 2, 1.5, 2), (8, 2, 1.5, 2, 1.5, 2), (2, 5))
"""Dashes of a parameter's curves, of the shown branch and of the compared one: solid and dashed, dotted."""


def curves_of(branches: Branches, page: str) -> list[Curve]:
    """The page's curves that have points; steps are counted from 1, accuracy in percent.

    A branch's curves begin where it was forked. Pages with a curve for each parameter show two branches.
    """
    return _of_parameters(branches, page) if page in GROUPS else _of_branches(branches, page)


def has_points(branches: Branches, page: str) -> bool:
    """Whether a page of GROUPS has any curve."""
    return any(name.startswith(f"{page}/") for branch in branches.all for name in branch.run.names)


def _of_branches(branches: Branches, page: str) -> list[Curve]:
    found = []
    for branch in branches.all:
        shown, look = branch is branches.shown, look_of(branch.id)
        x, y = _own(branch, page)
        if len(x):
            name = f"{look.letter} {branches.name_of(branch)}"
            y = y * 100 if page == "accuracy" else y
            found.append(Curve(name, x, y, look.role, look.dashes, strong=shown, raw=shown))
    return found


def _of_parameters(branches: Branches, page: str) -> list[Curve]:
    pair = [branches.shown] if branches.compared is None else [branches.shown, branches.compared]
    names = sorted({name for branch in pair for name in branch.run.names if name.startswith(f"{page}/")})
    found = []
    for branch, patterns in zip(pair, PATTERNS, strict=False):
        letter = f"{look_of(branch.id).letter} " if len(pair) > 1 else ""
        for place, name in enumerate(names[: MAX_CURVES // len(pair)]):
            role, dashes = ROLES[place % len(ROLES)], patterns[place // len(ROLES) % len(patterns)]
            x, y = _own(branch, name)
            if len(x):
                title = letter + name.partition("/")[2]
                found.append(Curve(title, x, y, role, dashes, strong=branch is branches.shown))
    return found


def _own(branch: BranchModel, name: str) -> tuple[np.ndarray, np.ndarray]:
    """(steps, values) of a curve from where the branch begins."""
    x, y = branch.run.curve(name)
    own = x >= branch.begins
    return x[own] + 1, y[own]
