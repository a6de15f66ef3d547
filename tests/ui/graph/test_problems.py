"""What a problem looks like on the graph."""

from __future__ import annotations

from gradviz.session.protocol import Problem
from gradviz.ui.graph.tooltip import tooltip

WORDS = "{0} cannot learn: nothing comes back."


def wrong_at(*keys: str, iteration: int = -1) -> Problem:
    words = {"words": WORDS, "arguments": (keys[0],), "hint": "Mend it."}
    return Problem("warning", "parameter-without-gradient", "", nodes=keys, iteration=iteration, **words)


def test_a_card_that_a_problem_names_is_marked_until_the_next_run(shown, model):
    node = next(node for node in model.nodes if node.kind == "parameter")
    model.problem_found.emit(wrong_at(node.key))
    card = shown._diagram.card_of(node.id)
    assert shown.canvas.drawing.problems == {card.key: "warning"}
    before = shown.grab().toImage()
    model.restarted.emit()
    assert shown.canvas.drawing.problems == {}
    assert shown.grab().toImage() != before


def test_the_card_says_what_is_wrong_to_the_mouse_and_to_a_screen_reader(shown, model):
    node = model.nodes[3]
    problem = wrong_at(node.key)
    model.problem_found.emit(problem)
    words = WORDS.format(node.key)
    assert words in tooltip(shown._diagram, shown._diagram.card_of(node.id).key, problem)
    model.select(node.key)
    assert words in shown.canvas.accessibleDescription()


def test_a_node_in_a_closed_box_is_shown_by_opening_it(qtbot, shown, model, settle):
    node = next(n for n in model.nodes if n.scope and n.kind == "operation")
    box = next(key for key in shown._diagram.open_scopes if node.scope.startswith(key))
    shown.toggle(f"{box}/")
    settle()
    closed = shown._diagram.card_of(node.id)
    assert closed.node is not node
    problem = wrong_at(node.key)
    model.problem_found.emit(problem)
    assert shown.canvas.drawing.problems == {closed.key: "warning"}
    model.problems.show_on_graph(problem)
    settle()
    assert shown._diagram.card_of(node.id).node is node
    assert model.selected is node
