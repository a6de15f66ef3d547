"""Why a number is what it is: the terms that add up to one element of an output or of a gradient.

Everything here works on a `Use`: an operation with the arrays that went in and came out, as an observer keeps
them. The operation is computed again in float64, so that nothing needs to be left of the program's own graph.

    why = explain.output(use, (3, 7))       # terms of out[3, 7]: 784 products and a bias
    why = explain.gradient(use, 2, (5, 3))  # terms of ∂L/∂(third argument)[5, 3]: one per element of ∂L/∂out
    why.largest(5), why.rest, why.rounding  # nothing is left unsaid: they add up to the number exactly

How an operation's output is made stands in its class: `terms` for a sum of products of its arguments, a
method `decompose` for other sums; without either every element is made of one element of each argument.
Gradients need no word: every backward is linear in the gradient that it is given.

What an optimizer has added to a parameter is explained in `explain.updates`; it is imported by itself, for
optimizers need the operations, and these need what is here.

Whether a backward is right at all is asked with `check(use, 2)`: finite differences beside it.

Operations run while an explanation is made, in the thread that asks for it; an observer that listens to a
program must tell the threads apart.
"""

from gradviz.engine.explain.check import RandomStreams, Verdict, check
from gradviz.engine.explain.decomposition import Decomposition, Part
from gradviz.engine.explain.equations import equation
from gradviz.engine.explain.explanation import Element, Explanation, Factor, Source, Term, Terms
from gradviz.engine.explain.gradients import accumulated, gradient
from gradviz.engine.explain.outputs import output
from gradviz.engine.explain.replay import Use, apart
from gradviz.engine.explain.slopes import DOUBLE, SINGLE, Difference, Judgement, Slopes, rounds

__all__ = [
    "DOUBLE",
    "SINGLE",
    "Decomposition",
    "Difference",
    "Element",
    "Explanation",
    "Factor",
    "Judgement",
    "Part",
    "RandomStreams",
    "Slopes",
    "Source",
    "Term",
    "Terms",
    "Use",
    "Verdict",
    "accumulated",
    "apart",
    "check",
    "equation",
    "gradient",
    "output",
    "rounds",
]
