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
