"""A user's program: what kind of file it is, what it is offered, and how it is run."""

from __future__ import annotations

import ast
import builtins
import inspect
import linecache
import random
import symtable
import sys
import traceback
import types
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gradviz import engine
from gradviz.engine import nn
from gradviz.engine.utils.data import DataLoader, TensorDataset
from gradviz.resources import PACKAGE
from gradviz.session import torch_alias, torchvision
from gradviz.session.kinds import kind_of, parse
from gradviz.session.mnist import load_mnist

BUILTIN_SESSION = str(PACKAGE / "session" / "builtin.py")
REHEARSAL_SESSION = str(PACKAGE / "session" / "rehearsal.py")
SNIPPET_NAME = "loss_snippet"
"""A snippet's `__name__`. Not its file's: one called random.py or torch.py would take another's place."""
LOADERS = frozenset({"train_loader", "test_loader"})


@dataclass(frozen=True)
class Settings:
    """What a session offers to its program: the seed of every random stream, and the data."""

    seed: int = 0
    batch_size: int = 64
    data: str | None = None
    """A folder of MNIST's IDX files; None is the bundled sample."""
    rehearsal: bool = False
    """A loss snippet is computed once, on one batch, in place of being trained with."""


class SnippetError(Exception):
    """A loss snippet does not define one loss."""


class NotALossError(Exception):
    """A text that should only define a loss is a program of its own."""


class Program:
    """The text of a file, run as a script, or as the loss of the built-in SimpleNet session.

    A loss snippet defines `criterion`, or one `nn.Module` subclass, or one function of `(outputs, labels)`,
    and does not train anything itself.
    """

    def __init__(self, text: str, path: str, settings: Settings | None = None) -> None:
        self.text = text
        self.path = path
        self.settings = settings or Settings()
        self.namespace: dict[str, object] = {}
        """The globals of the running script (or of the built-in session)."""
        self._snippets: list[str] = []  # files of losses that took the place of the program's
        self.test_loader: DataLoader | None = None
        """The session's test data, once the program was given some of the session's data."""

    @property
    def sources(self) -> tuple[str, ...]:
        """The files whose lines count as the user's."""
        return (self.path, self._session, *self._snippets)

    @property
    def _session(self) -> str:
        """The program into which a loss snippet is put."""
        return REHEARSAL_SESSION if self.settings.rehearsal else BUILTIN_SESSION

    @property
    def _data_folder(self) -> Path | None:
        return Path(self.settings.data) if self.settings.data else None

    def run(self) -> None:
        """Runs the program to its end in this process. Whatever it raises passes through, SystemExit too.

        The same settings and the same text give the same run: every random stream starts from the seed.
        """
        tree = self.prepare()
        if kind_of(tree) == "loss":
            self._run_builtin_session(tree)
        else:
            self._execute(tree, self.text, self.path, "__main__", {})

    def prepare(self) -> ast.Module:
        """Makes this process one that the program can run in; its syntax tree. Raises SyntaxError."""
        torch_alias.install()
        torchvision.datasets.sample = self._data_folder
        self.seed()
        _show_lines(self.text, self.path)
        folder = Path(self.path).parent
        if folder.is_dir():
            sys.path.insert(0, str(folder.resolve()))
        sys.argv = [self.path]
        return parse(self.text, self.path)

    def seed(self) -> None:
        """Puts every random stream at its beginning."""
        engine.manual_seed(self.settings.seed)
        random.seed(self.settings.seed)
        np.random.seed(self.settings.seed % 2**32)

    def _run_builtin_session(self, tree: ast.Module) -> None:
        criterion = self._criterion_of(tree, self.text, self.path)
        text = Path(self._session).read_text(encoding="utf-8")
        session = parse(text, self._session)
        self._execute(session, text, self._session, "__main__", {"criterion": criterion})

    def load_criterion(self, text: str, path: str) -> Callable:
        """The loss that another snippet defines. Raises what its text raises, SnippetError, NotALossError."""
        self._snippets.append(path)
        _show_lines(text, path)
        tree = parse(text, path)
        if kind_of(tree) != "loss":
            raise NotALossError
        return self._criterion_of(tree, text, path)

    def module(self, name: str) -> dict[str, object]:
        """The variables of the file that was run under that name."""
        return sys.modules[name].__dict__

    def _criterion_of(self, tree: ast.Module, text: str, path: str) -> Callable:
        return find_criterion(self._execute(tree, text, path, SNIPPET_NAME, {}), path)

    def _execute(
        self, tree: ast.Module, text: str, path: str, name: str, given: dict[str, object]
    ) -> dict[str, object]:
        module = types.ModuleType(name)
        module.__file__ = path
        sys.modules[name] = module
        module.__dict__.update(given)
        module.__dict__.update(self._offer(undefined_names(text, path) & LOADERS))
        if name == "__main__":
            self.namespace = module.__dict__
        exec(compile(tree, path, "exec", dont_inherit=True), module.__dict__)
        return module.__dict__

    def _offer(self, wanted: Iterable[str]) -> dict[str, DataLoader]:
        """The loaders among `wanted`. Making them draws no random numbers."""
        if not wanted:
            return {}
        settings = self.settings
        mnist = load_mnist(self._data_folder)
        train = TensorDataset(engine.from_numpy(mnist.train_images), engine.from_numpy(mnist.train_labels))
        test = TensorDataset(engine.from_numpy(mnist.test_images), engine.from_numpy(mnist.test_labels))
        loaders = {
            "train_loader": DataLoader(train, batch_size=settings.batch_size, shuffle=True),
            "test_loader": DataLoader(test, batch_size=settings.batch_size),
        }
        self.test_loader = loaders["test_loader"]
        return {name: loaders[name] for name in wanted}


def _show_lines(text: str, path: str) -> None:
    """Lets tracebacks show the lines of a program."""
    linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)


def undefined_names(text: str, path: str) -> set[str]:
    """Names that a program reads as globals and nowhere binds at module level. Builtins are left out."""
    top = symtable.symtable(text, path, "exec")
    bound = {s.get_name() for s in top.get_symbols() if s.is_assigned() or s.is_imported()}
    read: set[str] = set()
    tables = [top]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            if symbol.is_declared_global() and symbol.is_assigned():
                bound.add(symbol.get_name())
            elif symbol.is_referenced() and (table is top or symbol.is_global()):
                read.add(symbol.get_name())
    return read - bound - set(dir(builtins))


def find_criterion(namespace: dict[str, object], path: str) -> Callable:
    """The loss that a snippet defines; raises SnippetError in words that say what is missing."""
    if "criterion" in namespace:
        criterion = namespace["criterion"]
        if isinstance(criterion, type) and issubclass(criterion, nn.Module):
            criterion = criterion()
        if not callable(criterion):
            raise SnippetError(
                f"criterion is {type(criterion).__name__}, not a loss: make it an nn.Module instance or a"
                " function of (outputs, labels)."
            )
        return criterion
    own = [
        value for value in namespace.values() if getattr(value, "__module__", None) == namespace["__name__"]
    ]
    classes = [value for value in own if isinstance(value, type) and issubclass(value, nn.Module)]
    if len(classes) == 1:
        return classes[0]()
    functions = [f for f in own if inspect.isfunction(f) and _accepts_two(f)]
    public = [f for f in functions if not f.__name__.startswith("_")]
    chosen = functions if len(functions) == 1 else public
    if not classes and len(chosen) == 1:
        return chosen[0]
    names = ", ".join(value.__name__ for value in classes or chosen) or "none"
    raise SnippetError(
        f"{Path(path).name} does not say which loss to train with (candidates: {names}). Define"
        " criterion = YourLoss(), or just one nn.Module subclass, or just one function of (outputs, labels)."
    )


def user_traceback(error: BaseException, paths: Iterable[str]) -> str:
    """The traceback as Python prints it, without gradviz's own frames; `paths` are the user's files."""
    kept = set(paths)
    report = traceback.TracebackException.from_exception(error)
    todo: list[traceback.TracebackException | None] = [report]
    while todo:
        part = todo.pop()
        if part is None:
            continue
        part.stack = traceback.StackSummary.from_list(
            [f for f in part.stack if f.filename in kept or not _is_ours(f.filename)]
        )
        todo += [part.__cause__, part.__context__]
    return "".join(report.format())


def _is_ours(filename: str) -> bool:
    own = filename.startswith("<frozen ") or Path(filename).is_relative_to(PACKAGE)
    return own and filename not in (BUILTIN_SESSION, REHEARSAL_SESSION)


def _accepts_two(function: types.FunctionType) -> bool:
    try:
        inspect.signature(function).bind(None, None)
    except TypeError:
        return False
    return True
