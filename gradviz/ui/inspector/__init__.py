"""The right dock: everything about one node."""

from gradviz.ui.inspector.panel import Inspector

__all__ = ["Inspector"]
