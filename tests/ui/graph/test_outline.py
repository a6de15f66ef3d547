"""The outline mirrors the graph, and shares its selection."""

from msgspec import structs
from PySide6.QtCore import QPersistentModelIndex, QPoint, Qt

from gradviz.session.protocol import Recorded
from gradviz.ui.graph import OutlineView
from gradviz.ui.graph.outline import KEY
from tests.ui.graph.samples import chain
from tests.ui.recordings import simple_net


def rows(index_model, parent=None) -> dict:
    parent = parent or index_model.invisibleRootItem()
    return {parent.child(i).text(): rows(index_model, parent.child(i)) for i in range(parent.rowCount())}


def test_it_mirrors_scopes_and_nodes(qtbot, started):
    outline = OutlineView(started)
    qtbot.addWidget(outline)
    tree = rows(outline.model())
    assert list(tree) == ["criterion CrossEntropyLoss", "net SimpleNet", "images", "labels"]
    assert list(tree["net SimpleNet"]["fc1 Linear"]) == ["weight", "t", "bias", "addmm"]


def test_selection_goes_both_ways(qtbot, started):
    outline = OutlineView(started)
    qtbot.addWidget(outline)
    outline.show()
    started.select("net.fc1.bias")
    assert outline.currentIndex().data() == "bias"
    qtbot.keyClick(outline, Qt.Key.Key_Down)
    assert started.selected_key == "net.fc1/addmm"


def test_it_stays_still_while_the_nodes_are_the_same(qtbot, started):
    outline = OutlineView(started)
    qtbot.addWidget(outline)
    outline.collapseAll()
    net = QPersistentModelIndex(outline.model().index(1, 0))
    started.step_forward("step")
    started.step_forward("step")
    assert net.isValid() and net.data() == "net SimpleNet"
    assert not outline.isExpanded(net)


def test_of_a_large_graph_only_what_is_opened_is_filled_in(qtbot, model):
    large = chain(5000, scopes=50).iteration
    model.start("", "large.py")
    model.shown.receive(Recorded(large))
    outline = OutlineView(model)
    qtbot.addWidget(outline)
    outline.show()
    assert len(outline._tree._items) < 300
    model.select(large.nodes[-1].key)
    assert outline.currentIndex().data() == "op4999"
    branch = outline.model().index(0, 0, outline.model().index(0, 0))
    outline.expand(branch)
    qtbot.waitUntil(lambda: outline.model().rowCount(branch) > 0)
    assert outline.model().index(0, 0, branch).data() is not None


def test_a_branch_that_is_not_filled_in_yet_can_be_opened(qtbot, model):
    model.start("", "large.py")
    model.shown.receive(Recorded(chain(5000, scopes=50).iteration))
    outline = OutlineView(model)
    qtbot.addWidget(outline)
    tree = outline._tree
    branch = tree.index(0, 0, tree.index(0, 0))
    while tree.rowCount(branch):
        branch = tree.index(0, 0, branch)
    assert tree.hasChildren(branch) and tree.canFetchMore(branch)
    tree.fetchMore(branch)
    assert tree.rowCount(branch) and not tree.canFetchMore(branch)


def test_letters_stay_the_windows_shortcuts(qtbot, started):
    outline = OutlineView(started)
    qtbot.addWidget(outline)
    outline.show()
    started.select("net.fc1.bias")
    assert not outline.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)


# ── while nodes come and go ───────────────────────────────────────────────────────────────────────────────


def grown(index: int, extra: int):
    """SimpleNet, with `extra` more nodes at the end."""
    recording = simple_net(index)
    nodes = recording.iteration.nodes
    for number in range(extra):
        nodes.append(structs.replace(nodes[-1], id=len(nodes), key=f"extra{number}", name=f"extra{number}"))
    return recording.iteration


def shown_outline(qtbot, model) -> OutlineView:
    outline = OutlineView(model)
    qtbot.addWidget(outline)
    outline.resize(300, 120)
    outline.show()
    return outline


def row(outline, key: str):
    node = outline.session.node(key)
    return outline._tree.item_of(key, node).index()


def test_what_is_open_and_closed_stays_so_when_nodes_come_and_go(qtbot, started):
    outline = shown_outline(qtbot, started)
    outline.collapse(row(outline, "net.fc1/"))
    for extra in (3, 1, 0):
        started.shown.receive(Recorded(grown(1, extra)))
        assert not outline.isExpanded(row(outline, "net.fc1/"))
        assert outline.isExpanded(row(outline, "net.fc2/"))
        assert outline.isExpanded(row(outline, "net/"))


def test_the_place_and_the_current_row_stay_and_nothing_is_selected(qtbot, started):
    outline = shown_outline(qtbot, started)
    started.select("net.fc1.bias")
    started.select(None)
    outline.verticalScrollBar().setValue(4)
    uppermost = outline.indexAt(QPoint(1, 1)).data(KEY)
    started.shown.receive(Recorded(grown(1, 30)))
    assert outline.indexAt(QPoint(1, 1)).data(KEY) == uppermost
    assert outline.currentIndex().data(KEY) == "net.fc1.bias"
    assert started.selected_key is None


def test_another_program_begins_with_everything_open_again(qtbot, started):
    outline = shown_outline(qtbot, started)
    outline.collapse(row(outline, "net/"))
    started.start("", "other.py")
    assert outline.isExpanded(row(outline, "net/"))


# ── together with the graph ───────────────────────────────────────────────────────────────────────────────


def test_a_branch_opens_and_closes_with_its_box_on_the_graph(qtbot, shown, model, settle):
    outline = shown_outline(qtbot, model)
    for _ in range(2):
        shown.toggle("net.fc1/")
        settle()
        assert outline.isExpanded(row(outline, "net.fc1/")) == ("net.fc1" in shown._diagram.open_scopes)


def test_enter_toggles_a_box_on_the_graph_and_brings_a_hidden_node_into_view(qtbot, shown, model, settle):
    outline = shown_outline(qtbot, model)
    outline.toggle_wanted.connect(shown.toggle)
    outline.node_wanted.connect(shown.show_node)
    model.select("net/")
    qtbot.keyClick(outline, Qt.Key.Key_Return)
    settle()
    assert "net/" in shown._diagram.cards
    model.select("net.fc1.bias")
    assert outline.currentIndex().data() == "bias"
    qtbot.keyClick(outline, Qt.Key.Key_Return)
    settle()
    assert "net.fc1.bias" in shown._diagram.cards


# ── for screen readers ────────────────────────────────────────────────────────────────────────────────────


def said(outline, key: str) -> str:
    return row(outline, key).data(Qt.ItemDataRole.AccessibleTextRole)


def test_a_row_says_what_it_is_its_shape_and_how_its_gradient_stands(qtbot, started, client):
    outline = shown_outline(qtbot, started)
    assert (
        said(outline, "net.fc1.weight") == "parameter net.fc1.weight, [128, 784], gradient not computed yet"
    )
    assert "not computed yet" in said(outline, "net/relu") and said(outline, "net/relu").startswith(
        "operation"
    )
    assert said(outline, "images").endswith("needs no gradient")
    started.last()
    assert said(outline, "net.fc1.weight").endswith("gradient computed")
    assert said(outline, "net.fc1/") == "box net.fc1, Linear(784 → 128), open"
    started.close_scopes(frozenset({"net.fc1"}))
    assert said(outline, "net.fc1/").endswith("closed")


def test_odd_names_are_one_line_and_bounded(qtbot, model):
    odd = chain(2).iteration
    name = "a \"name\"\nwith <b>'lines'</b> " + "x" * 4000
    odd.nodes[0] = structs.replace(odd.nodes[0], name=name)
    model.start("", "odd.py")
    model.shown.receive(Recorded(odd))
    outline = shown_outline(qtbot, model)
    first = outline.model().index(0, 0)
    assert "\n" not in first.data() and first.data().startswith('a "name"⏎with')
    assert len(said(outline, "/op0")) < 300
    assert "&lt;b&gt;" in first.data(Qt.ItemDataRole.ToolTipRole)
    outline.grab()


def test_a_thousand_parameters_are_all_reached_with_keys(qtbot, model):
    many = chain(1).iteration
    many.nodes += [
        structs.replace(many.nodes[0], id=i, key=f"p{i}", name=f"p{i}", kind="parameter", inputs=())
        for i in range(1, 1001)
    ]
    model.start("", "many.py")
    model.shown.receive(Recorded(many))
    outline = shown_outline(qtbot, model)
    qtbot.keyClick(outline, Qt.Key.Key_Home)
    reached = set()
    for _ in range(3000):
        here = outline.currentIndex()
        reached.add(here.data(KEY))
        if outline.model().hasChildren(here) and not outline.isExpanded(here):
            qtbot.keyClick(outline, Qt.Key.Key_Right)
        qtbot.keyClick(outline, Qt.Key.Key_Down)
        if outline.currentIndex() == here:
            break
    assert {f"p{i}" for i in range(1, 1001)} <= reached
