"""The environment variables of the processes that run user programs."""

from __future__ import annotations

import os

from gradviz.resources import PACKAGE

ONE_BLAS_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""For nets small enough to look at, more threads cost more than they bring: on a busy machine, tenfold."""


def child_environment() -> dict[str, str]:
    """This process's variables; one BLAS thread, unless they say otherwise. The child finds this gradviz."""
    here = str(PACKAGE.parent)
    path = os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))
    return ONE_BLAS_THREAD | os.environ | {"PYTHONPATH": path}
