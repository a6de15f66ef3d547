"""The page of a backward node: what comes to it, where that goes, and what it saved."""

import pytest

from gradviz.trace.backward_graph import backward_key
from gradviz.ui.inspector import Inspector


@pytest.fixture
def inspector(qtbot, started, model):
    inspector = Inspector(model)
    qtbot.addWidget(inspector)
    inspector.resize(360, 700)
    inspector.show()
    model.overlays.show_backward(True)
    model.seek(len(model.iteration.events) - 1)
    return inspector


def rows(inspector) -> list[str]:
    listed = inspector.pages["backward"].list
    return [listed.item(row).text().strip() for row in range(listed.count())]


def test_it_comes_up_with_a_backward_node(inspector, model):
    model.select(backward_key("net/relu"))
    assert inspector.page == "backward"
    assert inspector.pages["backward"]._name.text() == "ReluBackward0"


def test_it_says_what_comes_where_it_goes_and_what_is_saved(inspector, model):
    model.select(backward_key("net.fc2/addmm"))
    inspector.refresh()
    text = "\n".join(rows(inspector))
    assert "LogSoftmaxBackward0 of criterion/log_softmax" in text
    assert "ReluBackward0 of net/relu · ‖∇‖" in text
    assert "AccumulateGrad of net.fc2.bias · ‖∇‖" in text
    for saved in model.node("net.fc2/addmm").saved:
        assert f"{saved.name}  {saved.dtype}" in text


def test_gradients_that_have_not_come_are_not_zero(inspector, model):
    model.select(backward_key("net/relu"))
    model.seek(0)
    assert any(row.endswith("not yet") for row in rows(inspector))
    assert not any("‖∇‖" in row for row in rows(inspector))


def test_a_row_leads_to_that_backward_node(inspector, model):
    model.select(backward_key("net/relu"))
    listed = inspector.pages["backward"].list
    row = next(row for row, words in enumerate(rows(inspector)) if words.split(" ")[0] == "AddmmBackward0")
    listed.itemClicked.emit(listed.item(row))
    assert model.selected_key == backward_key("net.fc2/addmm")


def test_the_tab_is_there_only_with_the_backward_graph(inspector, model):
    from gradviz.ui.inspector.panel import PAGES

    model.select("net/relu")
    assert inspector.tabs.isTabVisible(PAGES.index("backward"))
    model.overlays.show_backward(False)
    assert not inspector.tabs.isTabVisible(PAGES.index("backward"))
