"""The linter: finds the common mistakes of training programs in what a run did.

A rule is a function from `Evidence` (a recorded iteration, and what a session saw besides) to `Finding`s; it
stands beside its sentences in the file of its subject. A new one is added to the `RULES` of that file.
"""

from __future__ import annotations

import re
from collections import Counter

import numpy as np

from gradviz.trace.lint import gradients, losses, modes, steps
from gradviz.trace.lint.evidence import Evidence
from gradviz.trace.lint.rule import Finding, Rule

RULES: tuple[Rule, ...] = (*steps.RULES, *losses.RULES, *gradients.RULES, *modes.RULES)
NAMES = tuple(rule.name for rule in RULES)
TEMPLATES = tuple(dict.fromkeys(text for rule in RULES for saying in rule.sayings for text in saying))
MAX_FINDINGS = 100  # of one rule in one run

_IGNORE = re.compile(r"#\s*gradviz:\s*ignore(?:\[([\w\s,-]*)\])?")


class Linter:
    """Looks through one iteration after the other. A finding is told once a run."""

    def __init__(self) -> None:
        self._told: set[tuple[str, object]] = set()
        self._counts: Counter[str] = Counter()
        self._seen: dict[str, Counter[object]] = {}  # of rules with patience: how often in a row

    def examine(self, evidence: Evidence) -> list[tuple[Rule, Finding]]:
        """What is found now for the first time."""
        found: list[tuple[Rule, Finding]] = []
        with np.errstate(all="ignore"):
            for rule in RULES:
                if any(self._counts[cause] for cause in rule.causes):
                    continue
                for finding in self._patient(rule, _looked(rule, evidence), evidence):
                    place = (rule.name, finding.source or finding.nodes or finding.saying)
                    if place not in self._told and self._counts[rule.name] < MAX_FINDINGS:
                        self._told.add(place)
                        self._counts[rule.name] += 1
                        found.append((rule, finding))
        return found

    def _patient(self, rule: Rule, found: list[Finding], evidence: Evidence) -> list[Finding]:
        if rule.patience == 1 or not evidence.went_back or evidence.over:
            return found if rule.patience == 1 else []
        before = self._seen.get(rule.name, Counter())
        now = self._seen[rule.name] = Counter({f.nodes[:1]: before[f.nodes[:1]] + 1 for f in found})
        return [finding for finding in found if now[finding.nodes[:1]] >= rule.patience]


def _looked(rule: Rule, evidence: Evidence) -> list[Finding]:
    """What a rule finds."""
    try:
        return list(rule.look(evidence))
    except Exception:  # the program must not end because a rule did not reckon with something in it
        return []


def is_silenced(line: str, rule: str) -> bool:
    """Whether a line of the program says `# gradviz: ignore[rule]`, or `# gradviz: ignore` for all rules."""
    found = _IGNORE.search(line)
    if found is None:
        return False
    return found[1] is None or rule in {name.strip() for name in found[1].split(",")}
