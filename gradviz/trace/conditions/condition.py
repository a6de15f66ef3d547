"""A condition that has been read: it can be asked about an event, and says why it is true of it."""

from __future__ import annotations

from dataclasses import dataclass

from gradviz.trace.conditions.evaluation import Evaluate, Facts
from gradviz.trace.conditions.facts import Value, fact


@dataclass(frozen=True)
class Condition:
    """A condition that has been read: `facts` are the names of what it asks for, in order.

    `evaluate` gives true, false, or None for unknown; a count other than 0 stands for true.
    """

    text: str
    facts: tuple[str, ...]
    evaluate: Evaluate

    def holds(self, of: Facts) -> bool:
        """Whether it is true of an event with these facts."""
        return bool(self.evaluate(of))

    def reason(self, of: Facts) -> str:
        """The facts behind a hit in short: "grad.norm = 12.3"; texts only where there is nothing else."""
        known = [(name, value) for name in self.facts if (value := of(name)) is not None]
        numbers = [(name, value) for name, value in known if not isinstance(value, tuple)]
        telling = [(name, value) for name, value in numbers if value or not _is_count(name)]
        return ", ".join(f"{name} = {shown(value)}" for name, value in telling or numbers or known)


def shown(value: Value) -> str:
    """A fact's value in a few characters."""
    if isinstance(value, tuple):
        return value[0]
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "?"}[value]
    if abs(value) < 1e15 and value == int(value):
        return str(int(value))
    return f"{value:.4g}"


def _is_count(name: str) -> bool:
    entry = fact(name)
    return entry is not None and entry.type == "count"
