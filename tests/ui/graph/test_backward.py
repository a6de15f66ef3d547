"""The backward graph beside the forward one: its cards, its edges, and which belongs to which."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gradviz.trace.backward_graph import backward_key, next_functions
from gradviz.trace.graph import InBackward
from gradviz.ui.graph.diagram import Diagram
from gradviz.ui.graph.layout import lay_out
from gradviz.ui.graph.mirror import divide
from gradviz.ui.graph.pinning import NUDGE
from tests.ui.graph.samples import chain
from tests.ui.recordings import simple_net


@pytest.fixture(params=["right", "down"])
def both(request, shown, model, settle):
    """The view with the backward graph, at the end of the first iteration; in both directions."""
    shown.turn(request.param)
    model.overlays.show_backward(True)
    model.seek(len(model.iteration.events) - 1)
    settle()
    return shown


def backward_cards(view):
    return {key: card for key, card in view._diagram.cards.items() if card.role == "backward"}


def test_every_node_that_gets_a_gradient_has_a_card_of_torchs_name(both, model):
    titles = {key: card.title for key, card in backward_cards(both).items()}
    assert titles[backward_key("net/relu")] == "ReluBackward0"
    assert titles[backward_key("net.fc1.weight")] == "AccumulateGrad"
    assert backward_key("images") not in titles
    assert len(titles) == sum(bool(node.grad_fn) or node.kind == "parameter" for node in model.nodes)


def test_without_it_nothing_is_left_of_it(both, model, settle):
    model.overlays.show_backward(False)
    settle()
    assert backward_cards(both) == {} and not any(link.backward for link in both._diagram.links)
    assert not any(key.endswith("∇") for key in both.canvas.drawing.placement.cards)


def test_edges_are_the_next_functions(both, model):
    links = {(link.source, link.target) for link in both._diagram.links if link.backward}
    keys = [node.key for node in model.nodes]
    expected = {
        (backward_key(node.key), backward_key(keys[each.node]))
        for node in model.nodes
        for each in next_functions(model.nodes, node)
    }
    assert links == expected and len(links) > 8


def test_cards_lie_beside_each_other_and_on_nothing_else(both):
    placement = both.canvas.drawing.placement
    for key in backward_cards(both):
        here = both.canvas.drawing.rect_of(key)
        partner = both.canvas.drawing.rect_of(both._diagram.partner(key))
        assert 0 < max(here.x() - partner.right(), here.y() - partner.bottom()) < 6
        for other in placement.cards:
            assert other == key or not here.intersects(both.canvas.drawing.rect_of(other)), (key, other)


def test_lines_begin_and_end_at_their_cards(both):
    drawing = both.canvas.drawing
    for link in both._diagram.links:
        line = drawing.placement.edges[link.source, link.target]
        for key, (x, y) in ((link.source, line[0]), (link.target, line[-1])):
            rect = drawing.rect_of(key).adjusted(-0.6, -0.6, 0.6, 0.6)
            assert rect.contains(x, y), (link.source, link.target)


def test_the_order_of_lines_is_that_of_links(both):
    assert list(both.canvas.drawing.placement.edges) == [(a.source, a.target) for a in both._diagram.links]


@pytest.mark.parametrize("direction", ["right", "down"])
@pytest.mark.parametrize("opened", [set(), {"net"}, {"net", "criterion"}])
def test_closed_boxes_have_a_card_for_all_backward_nodes_in_them(direction, opened):
    iteration = simple_net(0).iteration
    diagram = Diagram(iteration, opened, backward=True)
    closed = diagram.cards[backward_key("net.fc1/" if "net" in opened else "net/")]
    inside = [
        node for node in iteration.nodes if node.scope.startswith("net.fc1" if "net" in opened else "net")
    ]
    assert closed.functions == sum(bool(node.grad_fn) or node.kind == "parameter" for node in inside)
    request = diagram.request(1.5, direction)
    placement = divide(lay_out(request), request)
    assert set(placement.cards) == set(diagram.cards)
    assert list(placement.edges) == [(link.source, link.target) for link in diagram.links]


def test_the_gradient_runs_on_the_backward_card(both, model):
    relu = model.node("net/relu").id
    events = [i for i, event in enumerate(model.iteration.events) if event.node == relu]
    for event, running in zip(events, ("net/relu", backward_key("net/relu")), strict=True):
        model.seek(event)
        faces = {key: both._faces.face(both._diagram.cards[key]).running for key in both._diagram.cards}
        assert [key for key, phase in faces.items() if phase] == [running]


def test_a_gradient_is_shown_on_its_edge_once_it_has_come(both, model):
    link = next(link for link in both._diagram.links if link.source == backward_key("net/relu"))
    assert both._faces.flow(link).backward and both._faces.flow(link).norm > 0
    model.seek(0)
    assert not both._faces.flow(link).backward
    assert both._faces.face(both._diagram.cards[backward_key("net/relu")]).gradient == "pending"


def test_gradients_are_not_drawn_twice(both):
    forward = [link for link in both._diagram.links if not link.backward]
    assert not any(both._faces.flow(link).backward for link in forward)


def test_a_click_selects_the_backward_node_and_marks_its_partner(both, model):
    key = backward_key("net/relu")
    both.fit()
    place = both.canvas.camera.to_screen(both.canvas.drawing.rect_of(key)).center().toPoint()
    QTest.mouseClick(both.canvas, Qt.MouseButton.LeftButton, pos=place)
    assert model.selected_key == key and model.selected.key == "net/relu"
    assert both.canvas.drawing.selected == key and both._diagram.partner(key) == "net/relu"
    assert "ReluBackward0" in both.canvas.accessibleDescription()


def test_what_is_selected_stays_selected_without_the_backward_graph(both, model, settle):
    model.select(backward_key("net/relu"))
    model.overlays.show_backward(False)
    settle()
    assert both.canvas.drawing.selected == "net/relu" and model.selected.key == "net/relu"


def test_a_backward_node_in_a_closed_box_is_that_of_the_box(both, model, settle):
    model.select(backward_key("net/relu"))
    both.toggle("net/")
    settle()
    assert both.canvas.drawing.selected == backward_key("net/")
    QTest.keyClick(both.canvas, Qt.Key.Key_Return)
    settle()
    assert both.canvas.drawing.selected == backward_key("net/relu")


def test_alt_and_arrows_walk_along_its_edges(both, model):
    model.select(backward_key("net/relu"))
    both._walk("right" if both.direction == "right" else "down")
    assert model.selected_key == backward_key("net.fc2/addmm")


def test_find_lights_both_of_a_pair(both, qtbot):
    both.find_field.line.setText("reluback")
    assert both.canvas.drawing.hits == {"net/relu", backward_key("net/relu")}
    both.find_field.line.setText("accumulategrad fc1.bias")
    assert both.canvas.drawing.hits == {"net.fc1.bias", backward_key("net.fc1.bias")}


def test_focus_takes_both_of_a_pair(both, model):
    model.select(backward_key("net/relu"))
    both.focusing.toggle("ancestors")
    cards = both.focusing.spotlight.cards
    assert {"net/relu", backward_key("net/relu"), backward_key("net.fc1/addmm")} <= cards
    assert backward_key("net.fc2/addmm") not in cards


def test_it_is_drawn_near_and_far(both, model, settle):
    for scale in (1.0, 0.4, 0.15):
        both.canvas.camera.scale = scale
        with_backward = both.grab().toImage()
        model.overlays.show_backward(False)
        settle()
        both.canvas.camera.scale = scale
        assert both.grab().toImage() != with_backward
        model.overlays.show_backward(True)
        settle()


def test_a_pair_is_moved_together(both, model, settle, qtbot):
    key = "net/relu"
    before = both.canvas.drawing.rect_of(backward_key(key)).topLeft()
    for name in (key, backward_key(key)):
        model.select(name)
        both.pinning.nudge("down")
        settle()
    moved = both.canvas.drawing.rect_of(backward_key(key)).topLeft() - before
    assert moved.y() == 2 * NUDGE
    card, partner = (both.canvas.drawing.rect_of(name) for name in (key, backward_key(key)))
    assert 0 < max(partner.x() - card.right(), partner.y() - card.bottom()) < 6


def test_pairs_go_their_way_with_the_boxes_around_them(both, qtbot, settle):
    both.reduce_motion = False
    both.toggle("net/")
    settle()
    both.toggle("net/")
    settle()
    qtbot.waitUntil(lambda: both.canvas.drawing.placement is both._placer.placement)
    assert backward_key("net/relu") in both.canvas.drawing.placement.cards


def test_what_a_backward_pass_computed_belongs_to_whose_backward_it_was():
    iteration = chain(6).iteration
    iteration.nodes[4] = replace(iteration.nodes[4], in_backward=InBackward(0, 1))
    iteration.nodes[5] = replace(iteration.nodes[5], in_backward=InBackward(0, 1))
    closed = Diagram(iteration, {"backward"})
    assert closed.partner("backward.OpBackward0/") == "/op1"
    opened = Diagram(iteration, {"backward", "backward.OpBackward0"}, backward=True)
    assert opened.partner("backward.OpBackward0/") == backward_key("/op1")
    assert closed.partner("/op0") == ""
