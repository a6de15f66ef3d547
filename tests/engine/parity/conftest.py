"""These tests need PyTorch itself (the `parity` extra); without it they are not collected."""

import importlib.util
import sys
import types
import unittest

from hypothesis import settings

settings.register_profile("long")  # of which test_random_programs.py takes notice

collect_ignore_glob = [] if importlib.util.find_spec("torch") else ["test_*.py"]

# The only module that PyTorch's own tests import and its wheel does not bring.
expecttest = types.ModuleType("expecttest")
expecttest.TestCase = unittest.TestCase
sys.modules.setdefault("expecttest", expecttest)


def pytest_terminal_summary(terminalreporter) -> None:
    """On how many samples of PyTorch's databases the engine agrees, for each operation, layer, optimizer."""
    reports = [r for outcome in ("passed", "failed") for r in terminalreporter.getreports(outcome)]
    table = [value for r in reports for name, value in r.user_properties if name == "agreement"]
    if not table:
        return
    agree, total = sum(row[1] for row in table), sum(row[2] for row in table)
    terminalreporter.section(f"PyTorch's databases: {agree} of {total} samples agree")
    for name, agree, total in table:
        terminalreporter.write_line(f"{agree:5}/{total:<5} {name}")
