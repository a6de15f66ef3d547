"""What is said of a program's memory: the names of kinds, events and storages."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from gradviz.trace import Iteration
from gradviz.trace.memory import Storage, StorageKind

ROLES: dict[StorageKind, str] = {
    "input": "input",
    "parameter": "parameter",
    "buffer": "dim",
    "optimizer": "update",
    "earlier": "error",
    "activation": "forward",
    "saved": "saved",
    "gradient": "backward",
    "temporary": "positive",
}
"""The colour of each kind."""


def kind_name(kind: StorageKind) -> str:
    """ "Activations"."""
    translate = QCoreApplication.translate
    return {
        "input": translate("Memory", "Data"),
        "parameter": translate("Memory", "Parameters"),
        "buffer": translate("Memory", "Buffers"),
        "optimizer": translate("Memory", "Optimizer state"),
        "earlier": translate("Memory", "Earlier iterations"),
        "activation": translate("Memory", "Activations"),
        "saved": translate("Memory", "Only for backward"),
        "gradient": translate("Memory", "Gradients"),
        "temporary": translate("Memory", "Temporaries"),
    }[kind]


def event_words(iteration: Iteration, event: int) -> str:
    """ "event 12 (forward net.fc1/addmm)", counted from 1; "the beginning" before the first."""
    translate = QCoreApplication.translate
    if event < 0:
        return translate("Memory", "the beginning")
    happened = iteration.events[event]
    kinds = {
        "forward": translate("Memory", "forward"),
        "backward": translate("Memory", "backward"),
        "accumulate": translate("Memory", "accumulate"),
        "update": translate("Memory", "update"),
    }
    name = iteration.nodes[happened.node].qualified_name
    return translate("Memory", "event {0} ({1} {2})").format(event + 1, kinds[happened.kind], name)


def storage_name(iteration: Iteration, storage: Storage) -> str:
    """What a storage is called: by its node, the variable that leads to it, or else its kind."""
    if storage.node < 0:
        return storage.holder or kind_name(storage.kind)
    name = iteration.nodes[storage.node].qualified_name
    return f"∇ {name}" if storage.kind == "gradient" else name
