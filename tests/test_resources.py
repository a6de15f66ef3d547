"""Which files are gradviz's own code."""

from gradviz import resources
from gradviz.resources import PACKAGE, is_own_module


def test_modules_are_its_own_and_users_files_are_not(tmp_path):
    assert is_own_module(PACKAGE / "session" / "builtin.py")
    assert not is_own_module(tmp_path / "builtin.py")


def test_examples_can_be_run_where_assets_are_installed_in_the_package(monkeypatch):
    monkeypatch.setattr(resources, "ASSETS", PACKAGE / "assets")
    assert not is_own_module(PACKAGE / "assets" / "examples" / "simplenet.py")
