"""The program text, and what a run says in words: problems and printed output."""

from gradviz.ui.editor.console import ConsoleView
from gradviz.ui.editor.panel import EditorPanel
from gradviz.ui.editor.problems import ProblemsView

__all__ = ["ConsoleView", "EditorPanel", "ProblemsView"]
