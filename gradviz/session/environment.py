"""The environment variables of the processes that run user programs."""

from __future__ import annotations

import os

from gradviz.resources import PACKAGE

ONE_BLAS_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""For nets small enough to look at, more threads cost more than they bring: on a busy machine, tenfold."""

SAME_HASHES = {"PYTHONHASHSEED": "0"}
"""Else a set of texts has another order in every process, and a program that goes through one another run."""


def child_environment() -> dict[str, str]:
    """This process's variables; one BLAS thread and texts that hash alike, unless they say otherwise.
    The child finds this gradviz."""
    here = str(PACKAGE.parent)
    path = os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))
    return ONE_BLAS_THREAD | SAME_HASHES | os.environ | {"PYTHONPATH": path}
