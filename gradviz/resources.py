"""Where the files in `assets/` are: next to the package in a checkout, inside it in an installation."""

from pathlib import Path

PACKAGE = Path(__file__).parent
_INSTALLED = PACKAGE / "assets"
ASSETS = _INSTALLED if _INSTALLED.is_dir() else PACKAGE.parent / "assets"


def is_own_module(path: Path) -> bool:
    """Whether a file is part of gradviz's code, which people read and do not run; assets are not."""
    return path.is_relative_to(PACKAGE) and not path.is_relative_to(ASSETS)


def asset(*parts: str) -> Path:
    """Path of a file or folder in `assets/`, e.g. `asset("examples", "simplenet.py")`."""
    return ASSETS.joinpath(*parts)
