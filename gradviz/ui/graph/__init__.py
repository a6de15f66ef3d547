"""The computation graph: cards for nodes, boxes for modules, edges for values and their gradients."""

from gradviz.ui.graph.outline import OutlineView
from gradviz.ui.graph.view import GraphView

__all__ = ["GraphView", "OutlineView"]
