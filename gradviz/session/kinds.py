"""What kind of program a text is, as far as its syntax tells. Nothing of it is run."""

from __future__ import annotations

import ast
from typing import Literal, TypeGuard


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
