"""Where the files in `assets/` are: next to the package in a checkout, inside it in an installation."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
_INSTALLED = PACKAGE / "assets"
ASSETS = _INSTALLED if _INSTALLED.is_dir() else PACKAGE.parent / "assets"


def asset(*parts: str) -> Path:
    """Path of a file or folder in `assets/`, e.g. `asset("examples", "simplenet.py")`."""
    return ASSETS.joinpath(*parts)
