"""These tests need PyTorch itself (the `parity` extra); without it they are not collected."""

import importlib.util

collect_ignore_glob = [] if importlib.util.find_spec("torch") else ["test_*.py"]
