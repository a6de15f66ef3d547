"""These tests need PyTorch itself (the `parity` extra); without it they are not collected."""

import importlib.util
import sys
import types
import unittest
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("long")  # of which test_random_programs.py takes notice


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Nor where they are not wanted: collecting them loads PyTorch, and the tests that run a program in their
    own process need `torch` to be the engine there."""
    wanted = importlib.util.find_spec("torch") and "not parity" not in config.getoption("markexpr")
    return True if collection_path.suffix == ".py" and not wanted else None


# The only module that PyTorch's own tests import and its wheel does not bring.
expecttest = types.ModuleType("expecttest")
expecttest.TestCase = unittest.TestCase
sys.modules.setdefault("expecttest", expecttest)
