"""The window's language, which can be switched while it is open. Texts are written in English."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from gradviz.resources import asset
from gradviz.translate import set_language

LANGUAGES = {"en": "English", "zh_CN": "简体中文"}

_current = "en"
_installed: list[QTranslator] = []


def system_language() -> str:
    """The one of LANGUAGES that the system prefers."""
    return "zh_CN" if QLocale.system().language() == QLocale.Language.Chinese else "en"


def current_language() -> str:
    return _current


def use_language(name: str) -> None:
    """Switches every open window to one of LANGUAGES; they hear of it by QEvent.LanguageChange."""
    global _current
    if name not in LANGUAGES:
        raise ValueError(f"language must be one of {', '.join(LANGUAGES)}, not {name!r}")
    _current = name
    set_language(name)
    QLocale.setDefault(QLocale("C" if name == "en" else name))
    while _installed:
        QCoreApplication.removeTranslator(_installed.pop())
    if name == "en":
        return
    qt = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    for file, folder in ((f"qtbase_{name}", qt), (f"gradviz_{name}", str(asset("translations")))):
        translator = QTranslator(QCoreApplication.instance())
        if translator.load(file, folder):
            QCoreApplication.installTranslator(translator)
            _installed.append(translator)
