"""torch's global switches that this engine accepts."""

from __future__ import annotations

import os

from gradviz.engine import anomaly


def set_num_threads(count: int) -> None:
    """Does nothing: the array library's threads are set by the environment, before it is loaded."""


def get_num_threads() -> int:
    return int(os.environ.get("OPENBLAS_NUM_THREADS") or os.cpu_count() or 1)


def set_float32_matmul_precision(precision: str) -> None:
    """Does nothing: products of float32 are computed in float32."""


def get_float32_matmul_precision() -> str:
    return "highest"


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Does nothing: the engine has no others."""


def are_deterministic_algorithms_enabled() -> bool:
    return True


def is_anomaly_enabled() -> bool:
    return anomaly.is_enabled()
