"""Answers to questions about a program, found by reading its text with jedi. Nothing of it is run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jedi
from jedi.api.classes import BaseName, Completion
from jedi.plugins import plugin_manager

from gradviz import engine
from gradviz.engine.tape import Op
from gradviz.session.language import protocol
from gradviz.session.language.protocol import Completions, Description, Question, Signature
from gradviz.session.program import LOADERS

MAX_WORDS = 600  # characters of a docstring
UNTYPED = {"self", "cls", "ctx"}
KINDS = {"function": "function", "class": "class", "module": "module", "keyword": "keyword"}


class Answers:
    """`offers` is the folder with what the engine offers."""

    def __init__(self, offers: Path) -> None:
        jedi.settings.auto_import_modules = []  # jedi would import these
        jedi.settings.cache_directory = str(offers / "cache")
        plugin_manager.register(_ParametersAreTensors)
        self._offers = offers
        self._environment = jedi.InterpreterEnvironment()  # this process: no other is started
        self._completions: dict[str, Completion] = {}
        self._operations = _operations()

    def answer(self, question: Question) -> protocol.Answer:
        """Never raises anything but MemoryError: what jedi cannot make sense of has an empty answer."""
        asked: dict[str, Callable[[Question], protocol.Answer]] = {
            "complete": self._complete,
            "describe": self._describe,
            "signature": self._signature,
            "hover": self._hover,
        }
        try:
            return asked[question.kind](question)
        except MemoryError:
            raise
        except Exception:  # jedi stumbles over some texts that are being written, in many ways
            empty = {"complete": Completions, "signature": Signature}
            return empty.get(question.kind, Description)(question.number)

    def _script(self, question: Question) -> jedi.Script:
        beside = [str(Path(question.path).parent)] if Path(question.path).is_absolute() else []
        project = jedi.Project(
            self._offers,
            sys_path=[str(self._offers), *beside, *sys.path],
            smart_sys_path=False,
            load_unsafe_extensions=False,  # what is beside the program is read, and never loaded
        )
        return jedi.Script(question.text, project=project, environment=self._environment)

    def _complete(self, question: Question) -> Completions:
        found = self._script(question).complete(question.line, question.column)
        line = question.text.split("\n")[question.line - 1][: question.column]
        start = len(line) - (found[0].get_completion_prefix_length() if found else 0)
        word = line[start:]
        shown = [
            name
            for name in found
            if name.type != "path" and (word.startswith("_") or not name.name.startswith("_"))
        ]
        self._completions = {name.name: name for name in shown[: protocol.MAX_COMPLETIONS]}
        items = [protocol.Completion(name.name, _kind(name)) for name in self._completions.values()]
        if not line[:start].rstrip().endswith(".") and not line.lstrip().startswith(("import ", "from ")):
            items += [
                protocol.Completion(name, "variable") for name in sorted(LOADERS) if name.startswith(word)
            ]
        return Completions(question.number, start, items[: protocol.MAX_COMPLETIONS])

    def _describe(self, question: Question) -> Description:
        name = self._completions.get(question.name)
        return self._description(question.number, name) if name else Description(question.number)

    def _hover(self, question: Question) -> Description:
        names = self._script(question).help(question.line, question.column)
        return self._description(question.number, names[0]) if names else Description(question.number)

    def _description(self, number: int, name: BaseName) -> Description:
        title = _title(name)
        operation = self._operation_of(name)
        return Description(
            number,
            _cut(title),
            _cut(_first_paragraph(name.docstring(raw=True)), MAX_WORDS),
            operation.formula if operation else "",
            [rule for rule in zip(operation.args, operation.vjp, strict=False) if rule[1]]
            if operation
            else [],
        )

    def _operation_of(self, name: BaseName) -> type[Op] | None:
        """A function, a method or a layer goes by the name of its operation: mse_loss, MSELoss, add_."""
        if (name.full_name or "").partition(".")[0] != "torch":
            return None
        return self._operations.get(_bare(name.name))

    def _signature(self, question: Question) -> Signature:
        found = self._script(question).get_signatures(question.line, question.column)
        if not found:
            return Signature(question.number)
        call = found[0]
        parameters = [_cut(parameter.to_string()) for parameter in call.params]
        returns = call.to_string().rpartition(" -> ")
        return Signature(
            question.number,
            call.name,
            parameters[:100],
            -1 if call.index is None else min(call.index, 99),
            _cut(returns[2]) if returns[1] else "",
        )


class _ParametersAreTensors:
    """A plugin of jedi's: a parameter about which the text says nothing, such as a loss's, is a tensor."""

    @staticmethod
    def infer_anonymous_param(infer: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def infer_or_guess(parameter: Any) -> Any:
            known = infer(parameter)
            if known or parameter.string_name in UNTYPED:
                return known
            torch = parameter.function_value.inference_state.import_module(("torch",))
            return torch.py__getattribute__("Tensor").execute_with_values()

        return infer_or_guess


def _operations() -> dict[str, type[Op]]:
    """The engine's operations with a formula, by their bare names; of several the one with most arguments."""

    def below(owner: type[Op]) -> Iterator[type[Op]]:
        for operation in owner.__subclasses__():
            yield operation
            yield from below(operation)

    assert engine  # all its operations have been imported
    known = [operation for operation in below(Op) if operation.formula]
    return {_bare(operation.op_name): operation for operation in sorted(known, key=lambda op: len(op.args))}


def _bare(name: str) -> str:
    return name.replace("_", "").lower()


def _kind(name: Completion) -> Any:
    return KINDS.get(name.type, "variable")


def _title(name: BaseName) -> str:
    """ "relu(input: Tensor, inplace: bool=False) -> Tensor", "loss: Tensor", "module torch.nn"."""
    if name.type in ("function", "class") and (signatures := name.get_signatures()):
        return signatures[0].to_string()
    if name.type == "module":
        return f"module {name.full_name}"
    if name.type == "keyword":
        return name.name
    types = sorted({inferred.name for inferred in name.infer()})
    return f"{name.name}: {' | '.join(types)}" if types else name.name


def _first_paragraph(words: str) -> str:
    return " ".join(words.strip().partition("\n\n")[0].split())


def _cut(words: str, length: int = 1000) -> str:
    return words if len(words) <= length else words[: length - 1] + "…"
