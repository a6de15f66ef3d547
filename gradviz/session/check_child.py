"""In the process that runs a program: checks its gradients and hands the verdict to the parent process."""

from __future__ import annotations

import os
from typing import NoReturn

from gradviz import engine
from gradviz.session.checking import check_iteration
from gradviz.session.controller import Controller
from gradviz.session.headless import CheckOrder
from gradviz.session.loss_check import check_loss
from gradviz.session.problems import describe
from gradviz.session.program import Program, kind_of, parse
from gradviz.session.protocol import Problem, Recorded, Report, Status
from gradviz.trace.checks import CodeCheck
from gradviz.trace.packing import pack

_exit = os._exit  # the program may replace its own


class TooShortError(Exception):
    """The program ended before the iteration that was to be checked."""


def check_program(program: Program, order: CheckOrder) -> NoReturn:
    """Ends the process when the verdict, or why there is none, is written. MemoryError passes through."""
    os.dup2(2, 1)  # what the program prints is not the verdict
    try:
        if kind_of(parse(program.text, program.path)) == "loss":
            _finish(check_loss(program), order)
        _check_iteration(program, order)
    except MemoryError:
        raise
    except SystemExit as leaving:
        words = f"The program ended itself before it could be checked (exit code {leaving.code})."
        _finish(Problem("error", "SystemExit", words), order)
    except BaseException as error:  # whatever a program raises is told to the person
        _finish(describe(error, program.sources), order)


def _check_iteration(program: Program, order: CheckOrder) -> NoReturn:
    """Runs to the end of the iteration, and checks its operations."""

    def send(report: Report) -> None:
        if isinstance(report, Recorded):
            controller.acknowledge()
        if isinstance(report, Status) and report.state == "holding":
            _finish(_checked(controller, order), order)

    controller = Controller(program, send)
    controller.advance("iteration", order.iteration)
    engine.observe(controller)
    controller.begin()
    program.run()
    controller.finish("finished", 0)
    if controller.recording(order.iteration) is None:
        raise TooShortError(f"The program has no iteration {order.iteration + 1}.")
    _finish(_checked(controller, order), order)


def _checked(controller: Controller, order: CheckOrder) -> CodeCheck:
    engine.observe(None)
    recording = controller.recording(order.iteration)
    assert recording is not None
    operations, alike = check_iteration(recording)
    return CodeCheck("program", tuple(operations), iteration=order.iteration, alike=alike)


def _finish(verdict: CodeCheck | Problem, order: CheckOrder) -> NoReturn:
    with open(order.verdict, "wb", closefd=False) as file:
        file.write(pack(verdict))
    _exit(0)
