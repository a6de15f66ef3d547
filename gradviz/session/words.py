"""What happened, in words for the command line. Iterations and events count from 1, as in the window."""

from __future__ import annotations

from pathlib import PurePath

from gradviz.session.hints import WORKER_ENDED
from gradviz.session.protocol import Problem
from gradviz.trace import Hit, Iteration, Moment
from gradviz.translate import tr, tr_hint


def moment_text(moment: Moment) -> str:
    """ "3:12": the moment after event 12 of iteration 3; "3:0" is before its first event."""
    return f"{moment.iteration + 1}:{moment.event + 1}"


def event_text(iteration: Iteration, event: int) -> str:
    """ "backward net/relu (program.py:16)"."""
    if event < 0:
        return tr("before the first operation")
    happened = iteration.events[event]
    source = happened.source
    place = f" ({PurePath(source.file).name}:{source.line})" if source is not None else ""
    return f"{happened.kind} {iteration.nodes[happened.node].qualified_name}{place}"


def hit_text(hit: Hit, condition: str) -> str:
    """ "3:12  net/relu, line 16: grad.norm > 10  [grad.norm = 12.3]"."""
    place = tr("{0}, line {1}").format(hit.node, hit.line) if hit.line else hit.node
    return f"{moment_text(hit.moment)}  {place}: {condition}  [{hit.reason}]"


def problem_text(problem: Problem) -> str:
    """What went wrong, as Python prints it, and what to do."""
    if problem.hint == WORKER_ENDED:
        ended = tr("the program ended its own process (exit code {0})")
        return "gradviz: " + ended.format(*problem.hint_arguments)
    said = tr_hint(problem.words, problem.arguments) if problem.words else ""
    lines = [problem.traceback.rstrip() or " ".join(filter(None, (problem.message, said)))]
    if problem.hint:
        lines.append("gradviz: " + tr_hint(problem.hint, problem.hint_arguments))
    return "\n".join(line for line in lines if line)
