"""The bottom dock's right half: curves of the run."""

from gradviz.ui.plots.view import PlotsView

__all__ = ["PlotsView"]
