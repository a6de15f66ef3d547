"""Why a number is what it is: asked by a click, answered with terms, followed to where they came from."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from gradviz.session.protocol import Because, Why
from gradviz.trace import ArrayRef
from gradviz.trace.reasons import Place, Reasons, Spread, Term
from gradviz.ui.inspector import Inspector
from gradviz.ui.inspector.contributions import by_sample, contributions


def spread(shape, elements, values) -> Spread:
    return Spread(
        "a",
        ArrayRef(0, 0, 0, "value"),
        shape,
        np.asarray(elements, np.int64).tobytes(),
        np.asarray(values, np.float64).tobytes(),
    )


# ── the picture ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_row_of_784_products_is_the_image_it_may_have_been():
    drawn = contributions(spread((64, 784), 3 * 784 + np.arange(784), np.arange(784.0)))
    assert drawn.cells.values.shape == (28, 28)
    assert drawn.elements[1, 2] == 3 * 784 + 30 and drawn.cells.values[1, 2] == 30


def test_elements_without_a_term_contribute_nothing():
    drawn = contributions(spread((4, 4), [5, 10], [1.0, 2.0]))
    assert np.array_equal(drawn.cells.values, [[1, 0], [0, 2]])
    assert np.array_equal(drawn.elements, [[5, -1], [-1, 10]])


def test_slices_are_added_up_and_their_cells_lead_nowhere():
    drawn = contributions(spread((2, 3, 3), [0, 9, 4], [1.0, 2.0, 5.0]))
    assert np.array_equal(drawn.cells.values, [[3, 0], [0, 5]])
    assert drawn.elements[0, 0] == -1 and drawn.elements[1, 1] == 4


def test_what_is_too_large_to_be_seen_is_not_drawn():
    assert contributions(spread((10_000, 10_000), [0, 99_999_999], [1.0, 1.0])) is None


def test_the_samples_of_a_batch():
    drawn = by_sample(spread((3, 5), [0, 4, 11], [1.0, 2.0, 4.0]))
    assert drawn.cells.values.reshape(-1).tolist() == [3, 0, 4]


# ── the page ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def inspector(qtbot, started):
    inspector = Inspector(started)
    qtbot.addWidget(inspector)
    inspector.resize(340, 640)
    inspector.show()
    return inspector


def asked(client) -> list[Why]:
    return [command for command in client.commands if isinstance(command, Why)]


def answer(client, started, *terms: Term, **more) -> None:
    why = asked(client)[-1]
    value = sum(term.value for term in terms)
    reasons = Reasons(
        ref=why.array, index=why.index, value=value, count=len(terms), terms=terms, equation="1+2", **more
    )
    client.report(Because(why.request, reasons))


def value_of(started, key: str, index: tuple[int, ...], value: float) -> Place:
    return Place("x", value, started.ref(started.node(key), "value"), index)


def test_a_chosen_element_is_asked_for_once_and_its_terms_are_shown(inspector, started, client):
    started.last()
    ref = started.ref(started.node("net.fc1/addmm"), "value")
    inspector.pages["value"].array.element_chosen.emit(ref, (0, 1))
    inspector.refresh()
    assert [(why.array, why.index) for why in asked(client)] == [(ref, (0, 1))]
    assert inspector.page == "why" and started.selected_key == "net.fc1/addmm"
    answer(
        client, started, Term(2.0, 1.0, (value_of(started, "net.fc1.weight", (1, 0), 2.0),)), Term(1.0, 1.0)
    )
    page = inspector.pages["why"]
    assert page.title.text().endswith("addmm[0, 1]") and page.value.text() == "3"
    assert page.table.terms.index(0, 1).data() == "[1, 0] 2"
    assert "exactly" in page.note.text()


def test_a_term_leads_to_where_it_came_from_and_back(qtbot, inspector, started, client):
    started.last()
    inspector.inquiry.start(started.ref(started.node("net.fc1/addmm"), "value"), (0, 1))
    answer(client, started, Term(2.0, 1.0, (value_of(started, "net.fc1.weight", (1, 0), 2.0),)))
    page = inspector.pages["why"]
    page.table.setCurrentIndex(page.table.terms.index(0, 1))
    qtbot.keyClick(page.table, Qt.Key.Key_Return)
    assert started.selected_key == "net.fc1.weight"
    assert asked(client)[-1].index == (1, 0)
    answer(client, started, Term(2.0, 1.0))
    assert page.back.isVisible() and "addmm[0, 1]" in page._way.text()
    page.back.click()
    assert started.selected_key == "net.fc1/addmm" and not page.back.isVisible()
    assert page.title.text().endswith("addmm[0, 1]")


def test_no_explanation_is_said_in_words(inspector, started, client):
    inspector.inquiry.start(started.ref(started.node("images"), "value"), (0, 0, 0, 0))
    client.report(Because(asked(client)[-1].request, None, "Not {0}.", ("today",)))
    assert inspector.pages["why"]._absent.words == "Not today."


def test_in_another_iteration_the_same_question_is_asked_anew(inspector, started, client):
    started.last()
    inspector.inquiry.start(started.ref(started.node("net.fc1/addmm"), "value"), (0, 1))
    started.step_forward("step")
    assert [why.array.iteration for why in asked(client)] == [0, 1]


def test_another_node_invites_to_ask(inspector, started, client):
    inspector.inquiry.start(started.ref(started.node("images"), "value"), (0, 0, 0, 0))
    started.select("net.fc1.weight")
    assert "Click a cell" in inspector.pages["why"]._absent.words


@pytest.mark.parametrize(
    ("part", "role", "before"), [("old", "value", 1), ("gradient", "grad", 0), ("new", "value", 0)]
)
def test_a_click_on_an_update_asks_why(qtbot, inspector, started, part, role, before):
    started.last()
    started.select("net.fc2.bias")
    inspector.choose_page("update")
    page = inspector.pages["update"]
    qtbot.waitUntil(lambda: bool(page._cells))
    event = started.states.at(started.selected.id, started.moment.event).update
    page._maps[part].cell_chosen.emit(0, 3)
    step = inspector.inquiry.step
    assert (step.role, step.index, step.event) == (role, (3,), event - before) and inspector.page == "why"


def test_enter_on_a_row_of_the_largest_changes_asks_why(qtbot, inspector, started):
    started.last()
    started.select("net.fc2.bias")
    inspector.choose_page("update")
    page = inspector.pages["update"]
    qtbot.waitUntil(lambda: page.table.rowCount() > 0)
    page.table.cellActivated.emit(0, 0)
    assert f"[{inspector.inquiry.step.index[0]}]" == page.table.item(0, 0).text()


def test_a_number_without_a_place_says_its_name_where_the_heading_says_another(inspector):
    terms = inspector.pages["why"].table.terms
    ref = ArrayRef(0, 0, 0, "value")
    old = Term(1.0, 1.0, (Place("old", 1.0, ref, (3,)),))
    momentum = Term(0.5, 0.9, (Place("momentum_buffer", 0.25),))
    terms.show(Reasons(ref=ref, index=(3,), value=2.5, count=3, terms=(old, momentum, old)))
    assert terms.text(1, momentum.factors[0]) == "momentum_buffer 0.25"
    assert terms.text(1, old.factors[0]) == "[3] 1"
    terms.show(Reasons(ref=ref, index=(3,), value=0.5, count=1, terms=(momentum,)))
    assert terms.text(1, momentum.factors[0]) == "0.25"
