"""Brings gradviz_zh_CN.ts up to the texts in the sources and makes gradviz_zh_CN.qm of it.

Run it after changing a text of the window, translate what is marked "unfinished", and run it again:

    python assets/translations/update.py

It needs pyside6-lupdate and pyside6-lrelease, which come with PySide6-Essentials.
"""

import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCES = HERE.parent.parent / "gradviz"
TS = HERE / "gradviz_zh_CN.ts"


def update(ts: Path) -> None:
    """Adds new texts to `ts` and removes those that are no more."""
    sys.path.insert(0, str(SOURCES.parent))
    from gradviz.session.hints import TEMPLATES

    with tempfile.TemporaryDirectory() as folder:
        # lupdate reads calls, not tables: the hints are put into a form that it knows.
        hints = Path(folder, "hints.py")
        texts = (f"QT_TRANSLATE_NOOP('hints', {text!r})" for text in TEMPLATES)
        hints.write_text("\n".join(texts), "utf-8")
        files = [*sorted((SOURCES / "ui").rglob("*.py")), hints]
        _run("pyside6-lupdate", *files, "-ts", ts, "-no-obsolete", "-locations", "none")


def release(ts: Path, qm: Path) -> None:
    """Compiles `ts`; texts that are not translated yet stay English."""
    _run("pyside6-lrelease", ts, "-qm", qm)


def _run(tool: str, *arguments: str | Path) -> None:
    path = Path(sysconfig.get_path("scripts"), tool)
    subprocess.run([path, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    update(TS)
    release(TS, TS.with_suffix(".qm"))
