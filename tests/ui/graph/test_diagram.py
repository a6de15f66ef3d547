"""What is shown of an iteration: cards, boxes, edges."""

from hypothesis import given
from hypothesis import strategies as st

from gradviz.trace import Input, Iteration, Node, Scope, TensorInfo
from gradviz.ui.graph.diagram import READABLE, Diagram
from tests.ui.graph.samples import chain
from tests.ui.recordings import simple_net


def test_simplenet_opens_completely():
    diagram = Diagram(simple_net().iteration)
    assert list(diagram.open_scopes) == ["criterion", "net", "net.fc1", "net.fc2"]
    assert len(diagram.cards) == 14
    assert diagram.cards["net.fc1/addmm"].scope == "net.fc1"


def test_roles():
    cards = Diagram(simple_net().iteration).cards
    roles = {key: cards[key].role for key in ("images", "net.fc1.weight", "net/relu", "criterion/nll_loss")}
    assert list(roles.values()) == ["input", "parameter", "operation", "loss"]
    assert cards["net/flatten"].quiet and cards["net.fc1/t"].quiet
    assert not cards["net/relu"].quiet


def test_a_closed_scope_is_one_card_that_says_what_goes_in_and_out():
    diagram = Diagram(simple_net().iteration, {"net", "criterion", "net.fc2"})
    card = diagram.cards["net.fc1/"]
    assert card.parameters == 784 * 128 + 128
    assert (card.entering, card.output.shape) == ((64, 784), (64, 128))
    assert ("net/flatten", "net.fc1/") in {(link.source, link.target) for link in diagram.links}
    assert ("net.fc1/", "net/relu") in {(link.source, link.target) for link in diagram.links}
    assert not any("net.fc1.weight" in (link.source, link.target) for link in diagram.links)


def test_a_closed_scope_hides_those_inside_it():
    diagram = Diagram(simple_net().iteration, {"criterion", "net.fc1"})
    assert list(diagram.open_scopes) == ["criterion"]
    assert set(diagram.cards) == {"images", "net/", "labels", "criterion/log_softmax", "criterion/nll_loss"}


def test_a_deep_net_starts_with_as_many_scopes_closed_as_readability_needs():
    diagram = Diagram(chain(600, scopes=40).iteration)
    assert diagram.open_scopes.keys() >= {"net"}
    assert 40 <= len(diagram.cards) <= READABLE


def test_the_layers_of_a_stack_open_together_or_not_at_all():
    for count in (30, 48, 60, 90):
        opened = Diagram(chain(count, scopes=6).iteration).open_scopes
        assert len(opened) in (1, 7), opened


def test_containers_that_are_never_called_are_no_boxes():
    recording = chain(4, scopes=2)
    recording.iteration.scopes = recording.iteration.scopes[1:]
    assert list(Diagram(recording.iteration).open_scopes.values()) == ["", ""]


def test_edges_with_equal_ends_are_one():
    iteration = chain(2).iteration
    square = iteration.nodes[1]
    doubled = type(square)(
        **{f: getattr(square, f) for f in square.__struct_fields__} | {"inputs": square.inputs * 2}
    )
    iteration.nodes[1] = doubled
    (link,) = Diagram(iteration).links
    assert len(link.pairs) == 2


def test_no_iteration_and_an_empty_one_are_empty_diagrams():
    assert Diagram(None).cards == Diagram(Iteration(0)).cards == {}


@st.composite
def graphs(draw) -> tuple[Iteration, set[str]]:
    """Any graph over a few nested modules, and which of these are open."""
    paths = draw(st.lists(st.sampled_from(["", "a", "a.b", "a.c", "a.b.d", "e"]), min_size=1, max_size=12))
    nodes = []
    for i, path in enumerate(paths):
        inputs = draw(st.lists(st.integers(0, i - 1), max_size=3)) if i else []
        kind = "operation" if inputs else draw(st.sampled_from(["operation", "parameter", "input"]))
        out = TensorInfo((i,), "float32", True)
        edges = tuple(Input(source) for source in inputs)
        nodes.append(
            Node(id=i, key=f"{path}/{i}", kind=kind, name="n", scope=path, inputs=edges, outputs=(out,))
        )
    opened = draw(st.sets(st.sampled_from(["a", "a.b", "a.c", "a.b.d", "e"])))
    return Iteration(0, nodes=nodes, scopes=[Scope(path, "M") for path in ("a", "a.b")]), opened


@given(graphs())
def test_every_node_is_shown_by_the_outermost_closed_box_around_it(graph):
    iteration, opened = graph
    diagram = Diagram(iteration, opened)

    def key_of(node: Node) -> str:
        parts = node.scope.split(".") if node.scope else []
        around = [".".join(parts[:length]) for length in range(1, len(parts) + 1)]
        closed = [path for path in around if path in diagram.scopes and path not in opened]
        return f"{closed[0]}/" if closed else node.key

    keys = [key_of(node) for node in iteration.nodes]
    assert list(diagram.cards) == list(dict.fromkeys(keys)), "in order of appearance"
    assert [diagram.card_of(node.id).key for node in iteration.nodes] == keys
    assert diagram.card_of(len(keys)) is None
    pairs: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for node in iteration.nodes:
        for edge in node.inputs:
            if keys[edge.node] != keys[node.id]:
                pairs.setdefault((keys[edge.node], keys[node.id]), []).append((edge.node, node.id))
    links = {(link.source, link.target): [(a.id, b.id) for a, b in link.pairs] for link in diagram.links}
    assert links == pairs and list(links) == list(pairs)
    for key, card in diagram.cards.items():
        inside = [node for node, its in zip(iteration.nodes, keys, strict=True) if its == key]
        if card.module is None:
            assert [card.output] == inside
            continue
        ran = [node for node in inside if node.kind == "operation"]
        assert card.output is (ran or inside)[-1]
        assert card.parameters == sum(node.outputs[0].size for node in inside if node.kind == "parameter")
        taken = (edge.node for node in inside for edge in node.inputs if keys[edge.node] != key)
        assert card.entering == next(((source,) for source in taken), None)
