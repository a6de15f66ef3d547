"""Small recordings for cases that SimpleNet does not have."""

from __future__ import annotations

import numpy as np

from gradviz.trace import Event, Input, Iteration, Node, Scope, TensorInfo
from tests.ui.recordings import Recording


def chain(
    count: int, *, scopes: int = 0, index: int = 0, values: dict[int, np.ndarray] | None = None
) -> Recording:
    """`count` operations in a row, spread evenly over `scopes` modules "net.0", "net.1", …"""
    values = values or {}
    usual = np.arange(6, dtype=np.float32).reshape(2, 3) - 2
    nodes = []
    for i in range(count):
        value = values.get(i, usual)
        scope = f"net.{i * scopes // count}" if scopes else ""
        nodes.append(
            Node(
                id=i,
                key=f"{scope}/op{i}",
                kind="operation",
                name=f"op{i}",
                scope=scope,
                inputs=(Input(i - 1),) if i else (),
                outputs=(TensorInfo(value.shape, str(value.dtype), True),),
                grad_fn="OpBackward0",
            )
        )
    events = [Event("forward", i) for i in range(count)]
    events += [Event("backward", i) for i in reversed(range(count))]
    described = [Scope("net", "Sequential")] + [Scope(f"net.{k}", "Block") for k in range(scopes)]
    iteration = Iteration(
        index, nodes=nodes, scopes=described if scopes else [], events=events, complete=True
    )
    arrays = {(i, "value"): values.get(i, usual) for i in range(count)}
    arrays |= {(i, "grad"): values.get(i, usual) for i in range(count)}
    return Recording(iteration, arrays)
