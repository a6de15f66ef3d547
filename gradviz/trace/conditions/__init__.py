"""Conditions: a small language for questions about one event, `grad.norm > 10 and op == "relu"`.

`parse` reads and type-checks one, and gives a `Condition` that can be asked. Nothing of Python is evaluated;
length and nesting are bounded.

A fact that an event does not have is unknown, and so is what is computed from it, a division by 0, and a
number too large to be one. `and`, `or` and `not` take unknown for what it is: `false and unknown` is false,
`true or unknown` is true. A condition hits where it is true.

facts.py lists what can be asked. lexer.py, parser.py and evaluation.py turn a text into a `Condition`,
completion.py proposes how to go on with one, presets.py has those that most people want.
"""

from gradviz.trace.conditions import completion, facts, lexer, parser, presets
from gradviz.trace.conditions.completion import Candidate, Completion, complete
from gradviz.trace.conditions.condition import Condition
from gradviz.trace.conditions.lexer import ConditionError
from gradviz.trace.conditions.parser import parse
from gradviz.trace.conditions.presets import PRESETS, Preset

TEMPLATES = (*lexer.TEMPLATES, *parser.TEMPLATES, *facts.TEMPLATES, *completion.TEMPLATES, *presets.TEMPLATES)
"""All that a person may read of this, in English; the window translates it."""

__all__ = [
    "PRESETS",
    "TEMPLATES",
    "Candidate",
    "Completion",
    "Condition",
    "ConditionError",
    "Preset",
    "complete",
    "parse",
]
