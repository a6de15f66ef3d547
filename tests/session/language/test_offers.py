"""What the engine offers, written down for a reader that runs nothing."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from gradviz import engine
from gradviz.session.language import offers


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("offers")
    offers.write(folder)
    return folder


def names_in(tree: ast.Module) -> set[str]:
    return {node.name for node in tree.body if isinstance(node, (ast.ClassDef, ast.FunctionDef))} | {
        alias.asname
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname
    }


def test_every_module_is_python(folder):
    files = [*folder.rglob("*.pyi")]
    assert len(files) > 20
    for file in files:
        ast.parse(file.read_text("utf-8"))


def test_functions_and_methods_that_come_to_be_at_import_are_there(folder):
    tree = ast.parse((folder / "torch-stubs/__init__.pyi").read_text("utf-8"))
    assert set(engine.registry.TORCH_FUNCTIONS) <= names_in(tree)
    tensor = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Tensor")
    methods = {node.name: node for node in tensor.body if isinstance(node, ast.FunctionDef)}
    assert {"log_softmax", "backward", "shape", "__mul__"} <= set(methods)
    assert ast.unparse(methods["log_softmax"].returns) == "Tensor"


def test_attributes_are_those_that_init_makes(folder):
    tree = ast.parse((folder / "torch-stubs/nn/__init__.pyi").read_text("utf-8"))
    linear = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Linear")
    attributes = {ast.unparse(node) for node in linear.body if isinstance(node, ast.AnnAssign)}
    assert {"weight: Parameter", "bias: Parameter", "in_features: int"} <= attributes


def test_internal_modules_are_not_offered(folder):
    assert not (folder / "torch-stubs/tape").exists()
    assert (folder / "torch-stubs/nn/functional").exists()
