"""The computation graph: cards for nodes, boxes for modules, edges for values and their gradients.

From an iteration to its picture: `drafts` makes a `diagram` (which cards, boxes and edges), `placer` gets
places for it (`layout`; level by level: `level`, `columns`, `growth`), and `canvas` shows the `drawing`, by
`tiles` where it is crowded. What takes long for ten thousands of nodes is done in the `background`, or only
for what is seen.
"""

from gradviz.ui.graph.outline import OutlineView
from gradviz.ui.graph.view import GraphView

__all__ = ["GraphView", "OutlineView"]
