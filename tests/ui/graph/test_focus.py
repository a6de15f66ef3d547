"""Focus: what stands out on the graph, in which words, and how it ends."""

import pytest
from msgspec import structs
from PySide6.QtCore import QPoint, Qt

from gradviz.trace import Iteration
from gradviz.ui.graph.diagram import Diagram
from gradviz.ui.graph.focus import Focus, Spotlight
from gradviz.ui.language import use_language
from tests.ui.graph.samples import chain
from tests.ui.recordings import simple_net


@pytest.fixture
def focusing(shown, model):
    """Of SimpleNet's graph, whose net is one open box."""
    return shown.focusing


def bright(view) -> set[str]:
    """The cards that stand out."""
    drawing = view.canvas.drawing
    return {key for key in drawing.diagram.cards if drawing._opacity(key) == 1.0}


def test_at_first_nothing_steps_back(shown):
    assert bright(shown) == set(shown.canvas.drawing.diagram.cards)
    assert not shown.focus_bar.isVisible()


def test_ancestors_of_a_node_stand_out_and_the_words_count_them(shown, model, focusing):
    model.select("net.fc1/addmm")
    focusing.toggle("ancestors")
    expected = {
        "images",
        "net/flatten",
        "net.fc1.weight",
        "net.fc1.bias",
        "net.fc1/t",
        "net.fc1/addmm",
    }
    assert bright(shown) == expected
    assert shown.focus_bar.words == f"net.fc1/addmm and its ancestors · 6 of {len(model.nodes)} nodes"


def test_descendants_of_a_node_stand_out(shown, model, focusing):
    model.select("net/relu")
    focusing.toggle("descendants")
    assert {"net/relu", "net.fc2/addmm", "criterion/nll_loss"} <= bright(shown)
    assert not {"net.fc2.weight", "net.fc1/addmm", "labels"} & bright(shown)


def test_what_does_not_reach_the_loss_steps_back(shown, model, client, settle, focusing):
    focusing.toggle("loss")
    assert bright(shown) == set(shown.canvas.drawing.diagram.cards)
    client.record(_with_a_dead_end(simple_net(1)))
    settle()
    assert "accuracy" not in bright(shown)
    assert "criterion/nll_loss" in bright(shown)


def _with_a_dead_end(recording):
    """One operation more, that nothing uses."""
    iteration = recording.iteration
    relu = recording.node("net/relu")
    extra = structs.replace(relu, id=len(iteration.nodes), key="accuracy", name="eq", scope="", grad_fn="")
    iteration.nodes.append(extra)
    recording.arrays[extra.id, "value"] = recording.arrays[relu.id, "value"]
    return recording


def test_paths_are_chosen_by_two_keys(qtbot, shown, model, focusing):
    model.select("net.fc1.weight")
    focusing.toggle("paths")
    assert "net.fc1.weight" in shown.focus_bar.words
    model.select("net/relu")
    focusing.toggle("paths")
    assert bright(shown) == {"net.fc1.weight", "net.fc1/t", "net.fc1/addmm", "net/relu"}
    assert "net.fc1.weight" in shown.focus_bar.words
    assert "net/relu" in shown.focus_bar.words


def test_paths_lead_from_the_selected_node_to_the_one_under_the_menu(shown, model, focusing):
    model.select("net/relu")
    shown.canvas.menu_wanted.emit("net.fc1/addmm", QPoint())
    assert model.selected_key == "net.fc1/addmm"
    focusing.toggle("paths")
    assert bright(shown) == {"net.fc1/addmm", "net/relu"}


def test_an_opened_menu_is_forgotten_when_something_else_is_selected(shown, model, focusing):
    model.select("net/relu")
    shown.canvas.menu_wanted.emit("net.fc1/addmm", QPoint())
    model.select("images")
    focusing.toggle("paths")
    assert "select the other node" in shown.focus_bar.words


def test_where_there_is_no_path_the_words_say_so_and_nothing_steps_back(shown, model, focusing):
    model.select("net.fc1.weight")
    focusing.toggle("paths")
    model.select("net.fc2.weight")
    focusing.toggle("paths")
    assert shown.focus_bar.words == "No path between net.fc1.weight and net.fc2.weight"
    assert bright(shown) == set(shown.canvas.drawing.diagram.cards)


def test_the_focus_stays_from_iteration_to_iteration(shown, model, client, settle, focusing):
    model.select("net.fc1/addmm")
    focusing.toggle("ancestors")
    before = bright(shown)
    model.select(None)
    client.record(simple_net(1))
    settle()
    assert bright(shown) == before


def test_an_iteration_without_the_node_is_shown_as_it_is(shown, model, client, settle, focusing):
    model.select("net.fc1/addmm")
    focusing.toggle("ancestors")
    client.record(chain(4, index=1))
    settle()
    assert len(bright(shown)) == 4
    assert "not in this iteration" in shown.focus_bar.words


def test_escape_ends_the_focus_first_and_the_selection_after_it(qtbot, shown, model, focusing):
    model.select("net/relu")
    focusing.toggle("descendants")
    qtbot.keyClick(shown.canvas, Qt.Key.Key_Escape)
    assert bright(shown) == set(shown.canvas.drawing.diagram.cards)
    assert not shown.focus_bar.isVisible()
    assert model.selected_key == "net/relu"
    qtbot.keyClick(shown.canvas, Qt.Key.Key_Escape)
    assert model.selected_key is None


def test_the_same_command_again_and_the_bars_button_end_it(qtbot, shown, model, focusing):
    model.select("net/relu")
    for end in (
        lambda: focusing.toggle("descendants"),
        lambda: qtbot.mouseClick(shown.focus_bar.button, Qt.MouseButton.LeftButton),
    ):
        focusing.toggle("descendants")
        assert shown.focus_bar.isVisible()
        end()
        assert not shown.focus_bar.isVisible()


def test_without_a_selection_the_words_say_what_to_do(qtbot, shown, focusing):
    with qtbot.waitSignal(focusing.refused) as refused:
        focusing.toggle("ancestors")
    assert "Select a node" in refused.args[0]
    assert not focusing.active


def test_a_box_has_the_ancestors_of_all_that_is_in_it(shown, model, settle, focusing):
    shown.toggle("net.fc1/")
    settle()
    model.select("net.fc1/")
    focusing.toggle("ancestors")
    assert bright(shown) == {"images", "net/flatten", "net.fc1/"}


def test_a_closed_box_stands_out_if_anything_in_it_does(shown, model, settle, focusing):
    model.select("net/relu")
    focusing.toggle("ancestors")
    shown.toggle("net.fc1/")
    settle()
    assert "net.fc1/" in bright(shown)


def test_edges_stand_out_between_nodes_that_do(shown):
    iteration: Iteration = simple_net(0).iteration
    diagram = Diagram(iteration)
    focus = Focus("paths", ("net.fc1/addmm", "net/relu"))
    spotlight = Spotlight.on(diagram, focus.nodes(iteration, diagram.folding))
    assert spotlight.edges == {("net.fc1/addmm", "net/relu")}
    assert "net/" in spotlight.cards


@pytest.mark.parametrize("scale", [1.0, 0.3, 0.1])
def test_what_steps_back_is_fainter_at_any_distance(shown, model, focusing, scale):
    """Beside the same picture without a focus, only what is not in it changes."""
    model.select("net.fc2/addmm")
    shown.canvas.zoom(scale / shown.canvas.camera.scale)
    before = shown.canvas.grab().toImage()
    focusing.toggle("ancestors")
    after = shown.canvas.grab().toImage()
    for key, same in (("net.fc1/addmm", True), ("criterion/nll_loss", False)):
        rect = shown.canvas.camera.to_screen(shown.canvas.drawing.rect_of(key)).toAlignedRect()
        if shown.canvas.rect().contains(rect):
            assert (before.copy(rect) == after.copy(rect)) is same, key


def test_the_bar_speaks_the_windows_language(qtbot, shown, model, focusing):
    model.select("net/relu")
    focusing.toggle("descendants")
    use_language("zh_CN")
    try:
        qtbot.waitUntil(lambda: "后代" in shown.focus_bar.words)
    finally:
        use_language("en")


def test_long_words_do_not_push_the_bar_out_of_a_narrow_view(shown, model, focusing):
    model.select("net/relu")
    focusing.toggle("descendants")
    shown.resize(360, 400)
    assert shown.rect().contains(shown.focus_bar.geometry())
    assert not shown.focus_bar.geometry().intersects(shown.find_field.geometry())


def test_typing_beside_the_bar_moves_the_bar_and_not_the_picture(qtbot, shown, model, focusing):
    model.select("net/relu")
    focusing.toggle("descendants")
    beside, camera = shown.focus_bar.geometry(), shown.canvas.camera.scale
    shown.find_field.line.setText("a longer text than the field is wide, and something more")
    assert shown.focus_bar.geometry() != beside
    assert not shown.focus_bar.geometry().intersects(shown.find_field.geometry())
    assert shown.canvas.camera.scale == camera
