"""The bottom dock's left half: the events of the shown iteration, and the run."""

from gradviz.ui.timeline.view import TimelineView

__all__ = ["TimelineView"]
