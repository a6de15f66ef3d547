"""What the engine offers under torch's names, as Python text for a reader that runs nothing.

Most names come to be when the engine is imported (`@torch_function`, `@tensor_method`): its source does not
show them. Here every public module is written down from what it holds once imported: signatures and
docstrings, no bodies. A module is public when its docstring begins with its name.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from types import ModuleType
from typing import Any

from gradviz.session import torch_alias

HEADER = """\
from __future__ import annotations
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple
"""
COMMON = {"torch": ("Tensor", "Size", "device", "dtype", "Generator"), "torch.nn": ("Module", "Parameter")}
"""Names that annotations use without their module."""
SHOWN_DEFAULTS = (bool, int, float, str, tuple, type(None))
KEPT_SPECIAL = ("__init__", "__call__", "__getitem__", "__iter__", "__len__", "__enter__", "__next__")
OPERATORS = ("neg", "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul")
REGISTERED = {"register_parameter": "Parameter", "register_buffer": "Tensor"}
KEPT = {*KEPT_SPECIAL, *(f"__{side}{name}__" for name in OPERATORS for side in ("", "r"))}
"""Special methods that say of what type an expression is."""


def write(folder: Path) -> None:
    """Writes `torch` and `torchvision` as packages into a folder."""
    torch_alias.install()
    modules = {
        name: module
        for name, module in sys.modules.items()
        if name.partition(".")[0] in torch_alias.ALIASES and (module.__doc__ or "").startswith(name)
    }
    homes: dict[int, tuple[str, str]] = {}
    for name in sorted(modules, key=lambda name: (name.count("."), name)):
        for attribute, value in _offered(modules[name]):
            homes.setdefault(id(value), (name, attribute))
    for name, module in modules.items():
        package, *below = name.split(".")
        place = folder.joinpath(f"{package}-stubs", *below)
        place.mkdir(parents=True, exist_ok=True)
        (place / "__init__.pyi").write_text(_Writer(module, [*modules], homes).text(), encoding="utf-8")


def _offered(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """Public names and values; not those that the module has imported for its own use, nor modules."""
    ours = ("gradviz", *torch_alias.ALIASES)
    for name, value in vars(module).items():
        if name.startswith("_") or inspect.ismodule(value):
            continue
        origin = value if _is_definition(value) else type(value)
        package = (getattr(origin, "__module__", None) or "").partition(".")[0]
        if package in ours or isinstance(value, (bool, int, float)):
            yield name, value


def _is_definition(value: Any) -> bool:
    return isinstance(value, type) or inspect.isroutine(value)


class _Writer:
    """One module's text. `homes`: by identity, in which module a definition is, and its name."""

    def __init__(self, module: ModuleType, modules: list[str], homes: dict[int, tuple[str, str]]) -> None:
        self._module, self._modules, self._homes = module, modules, homes
        self._imports: set[str] = set()

    def text(self) -> str:
        own = self._module.__name__
        names = dict(_offered(self._module))
        parts = [self._written(name, value) for name, value in names.items()]
        for home, common in COMMON.items():
            self._imports |= {f"from {home} import {name}" for name in common if name not in names}
        for name in self._modules:
            package, _, last = name.rpartition(".")
            if package == own:
                self._imports.add(f"from {own} import {last} as {last}")
        return "\n".join([repr(self._module.__doc__), HEADER, *sorted(self._imports), *parts, ""])

    def _written(self, name: str, value: Any) -> str:
        if not _is_definition(value):
            return f"{name}: {type(value).__name__}"
        home = self._homes[id(value)]
        if home != (self._module.__name__, name):
            return f"from {home[0]} import {home[1]} as {name}"
        return self._class(name, value) if isinstance(value, type) else _function(name, value)

    def _class(self, name: str, value: type) -> str:
        """Private bases are left out: what they have is written as if it was the class's own."""
        own = list(takewhile(lambda base: base is value or id(base) not in self._homes, value.__mro__))
        inherited = ""
        if len(own) < len(value.__mro__):
            home, inherited = self._homes[id(value.__mro__[len(own)])]
            self._imports.add(f"from {home} import {inherited}")
        written = [repr(inspect.getdoc(value) or "")]
        for base in reversed([base for base in own if base is not object]):
            written += _members(base)
        return f"class {name}({inherited}):\n" + textwrap.indent("\n".join(written), "    ")


def _members(owner: type) -> Iterator[str]:
    for name, value in vars(owner).items():
        if name.startswith("_") and name not in KEPT:
            continue
        if isinstance(value, (staticmethod, classmethod)):
            yield f"@{type(value).__name__}\n" + _function(name, value.__func__)
        elif isinstance(value, property) and value.fget is not None:
            yield "@property\n" + _function(name, value.fget)
        elif inspect.isroutine(value):
            yield _function(name, value)
        elif isinstance(value, (bool, int, float, str)):
            yield f"{name}: {type(value).__name__}"
    yield from _attributes(owner)


def _attributes(owner: type) -> Iterator[str]:
    """The public attributes that `__init__` gives to itself."""
    init = vars(owner).get("__init__")
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(init))) if inspect.isfunction(init) else None
    except (OSError, SyntaxError):
        return
    for node in ast.walk(tree) if tree is not None else ():
        match node:
            case ast.Assign([ast.Attribute(ast.Name("self"), name)], value):
                parameter = inspect.signature(init).parameters.get(getattr(value, "id", ""))  # type: ignore[arg-type]
                called = getattr(getattr(value, "func", None), "id", "Any")
                type_name = parameter.annotation if parameter is not None else called
            case ast.Call(
                ast.Attribute(ast.Name("self"), "register_parameter"), [ast.Constant(str(name)), *_]
            ):
                type_name = "Parameter"
            case ast.Call(ast.Attribute(ast.Name("self"), "register_buffer"), [ast.Constant(str(name)), *_]):
                type_name = "Tensor"
            case _:
                continue
        if type_name and not name.startswith("_"):
            yield f"{name}: {_Verbatim(type_name) if isinstance(type_name, str) else 'Any'}"


def _function(name: str, function: Any) -> str:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return f"def {name}(*args, **kwargs): {inspect.getdoc(function)!r}"
    parameters = [
        parameter.replace(annotation=_annotation(parameter.annotation), default=_default(parameter.default))
        for parameter in signature.parameters.values()
    ]
    shown = signature.replace(
        parameters=parameters, return_annotation=_annotation(signature.return_annotation)
    )
    return f"def {name}{shown}: {(inspect.getdoc(function) or '')!r}"


class _Verbatim(str):
    """A piece of a signature that is written as it stands."""

    def __repr__(self) -> str:
        return str(self)


def _annotation(annotation: Any) -> Any:
    return _Verbatim(annotation) if isinstance(annotation, str) else annotation


def _default(default: Any) -> Any:
    if default is inspect.Parameter.empty or isinstance(default, SHOWN_DEFAULTS):
        return default
    return _Verbatim("...")
