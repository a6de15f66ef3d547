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
from typing import Literal, TypeGuard

import numpy as np

from gradviz import engine
from gradviz.engine import nn
from gradviz.engine.utils.data import DataLoader, TensorDataset
from gradviz.resources import PACKAGE
from gradviz.session import torch_alias, torchvision
from gradviz.session.mnist import load_mnist

BUILTIN_SESSION = str(PACKAGE / "session" / "builtin.py")
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
        return (self.path, BUILTIN_SESSION, *self._snippets)

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
        text = Path(BUILTIN_SESSION).read_text(encoding="utf-8")
        session = parse(text, BUILTIN_SESSION)
        self._execute(session, text, BUILTIN_SESSION, "__main__", {"criterion": criterion})

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


def parse(text: str, path: str) -> ast.Module:
    """The syntax tree of a program. Raises SyntaxError, with a line, whatever is wrong with the text."""
    if (position := text.find("\0")) >= 0:
        line = text.count("\n", 0, position) + 1
        raise SyntaxError("the text contains a null byte", (path, line, None, None))
    try:
        tree = compile(text, path, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    except (MemoryError, RecursionError):
        raise SyntaxError("an expression is nested too deeply", (path, 1, None, None)) from None
    assert isinstance(tree, ast.Module)
    return tree


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


def kind_of(tree: ast.Module) -> Literal["script", "loss"]:
    """Whether a file trains something itself, or only defines a loss.

    A snippet's top level holds definitions, imports and assignments; what it does under
    `if __name__ == "__main__"` does not count. A file that calls `.backward()` outside its classes is one.
    """
    body = [node for node in tree.body if not _is_main_guard(node)]
    quiet = (
        ast.Import,
        ast.ImportFrom,
        ast.FunctionDef,
        ast.ClassDef,
        ast.Assign,
        ast.AnnAssign,
        ast.If,
        ast.Pass,
    )
    if not all(isinstance(node, quiet) or _is_harmless(node) for node in body):
        return "script"
    if any(_calls_method(node, "backward") for node in body if not isinstance(node, ast.ClassDef)):
        return "script"
    assignments = [node for node in body if isinstance(node, (ast.Assign, ast.AnnAssign))]
    if any("criterion" in _names_in(node, ast.Store) for node in assignments):
        return "loss"
    losses = [node for node in body if _looks_like_loss(node)]
    used = set().union(*(_names_in(node, ast.Load) for node in assignments))
    return "loss" if losses and not used & {node.name for node in losses} else "script"


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
    return own and filename != BUILTIN_SESSION


def _is_main_guard(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__name__" in {
        n.id for n in ast.walk(node.test) if isinstance(n, ast.Name)
    }


def _is_harmless(node: ast.stmt) -> bool:
    """A docstring, or a call that only sets something up, such as torch.manual_seed(0)."""
    if not isinstance(node, ast.Expr):
        return False
    if isinstance(node.value, ast.Constant):
        return True
    called = node.value.func if isinstance(node.value, ast.Call) else None
    return isinstance(called, ast.Attribute) and called.attr in {"manual_seed", "seed", "filterwarnings"}


def _calls_method(tree: ast.AST, name: str) -> bool:
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name
        for node in ast.walk(tree)
    )


def _names_in(tree: ast.AST, context: type[ast.expr_context]) -> set[str]:
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, context)}


def _looks_like_loss(node: ast.stmt) -> TypeGuard[ast.ClassDef | ast.FunctionDef]:
    """A module class, or a function that can be called with two arguments."""
    if isinstance(node, ast.ClassDef):
        bases = {getattr(base, "attr", getattr(base, "id", "")) for base in node.bases}
        return any(name == "Module" or name.endswith("Loss") for name in bases)
    if isinstance(node, ast.FunctionDef):
        positional = len(node.args.posonlyargs) + len(node.args.args)
        return positional >= 2 and positional - len(node.args.defaults) <= 2
    return False


def _accepts_two(function: types.FunctionType) -> bool:
    try:
        inspect.signature(function).bind(None, None)
    except TypeError:
        return False
    return True
