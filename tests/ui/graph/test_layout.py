"""Where things are put. Pure data, no window."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradviz.trace.folding import Folding
from gradviz.ui.graph import level
from gradviz.ui.graph.diagram import Diagram
from gradviz.ui.graph.layout import HEADER, Member, Rect, Request, lay_out
from gradviz.ui.graph.level import MAX_LAYERED
from gradviz.ui.graph.task import PADDING
from tests.ui.graph.samples import chain
from tests.ui.recordings import simple_net


def overlap(a: Rect, b: Rect) -> bool:
    return a.x < b.x + b.width and b.x < a.x + a.width and a.y < b.y + b.height and b.y < a.y + a.height


def holds(outer: Rect, inner: Rect) -> bool:
    return (
        outer.x <= inner.x
        and outer.y <= inner.y
        and inner.x + inner.width <= outer.x + outer.width
        and inner.y + inner.height <= outer.y + outer.height
    )


@pytest.mark.parametrize("direction", ["right", "down"])
@pytest.mark.parametrize("aspect", [0.8, 1.5, 2.4, 8.0])
def test_simplenet_is_placed_without_overlaps_and_inside_its_boxes(aspect, direction):
    request = Diagram(simple_net().iteration).request(aspect, direction)
    placement = lay_out(request)
    for a, b in combinations(placement.cards.values(), 2):
        assert not overlap(a, b)
    for key, card in request.cards.items():
        for box, rect in placement.scopes.items():
            inside = card.scope.replace("/", ".").startswith(box.replace("/", "."))
            assert holds(rect, placement.cards[key]) if inside else not overlap(rect, placement.cards[key])


def test_edges_run_from_the_right_of_their_source_to_the_left_of_their_target():
    request = Diagram(simple_net().iteration).request(1.5)
    placement = lay_out(request)
    assert len(placement.edges) == len(request.edges) == 13
    for (source, target), points in placement.edges.items():
        start, end = placement.cards[source], placement.cards[target]
        assert points[0][0] == pytest.approx(start.x + start.width)
        assert start.y <= points[0][1] <= start.y + start.height
        assert points[-1][0] == pytest.approx(end.x)
        assert end.y <= points[-1][1] <= end.y + end.height
        assert all(abs(a[0] - b[0]) < 1 or abs(a[1] - b[1]) < 1 for a, b in pairwise(points)), "right angles"


def test_in_a_graph_from_top_to_bottom_edges_run_from_the_bottom_of_their_source_to_the_top_of_their_target():
    placement = lay_out(Diagram(simple_net().iteration).request(1.5, "down"))
    for (source, target), points in placement.edges.items():
        start, end = placement.cards[source], placement.cards[target]
        assert points[0][1] == pytest.approx(start.y + start.height)
        assert start.x <= points[0][0] <= start.x + start.width
        assert points[-1][1] == pytest.approx(end.y)
        assert end.x <= points[-1][0] <= end.x + end.width
        assert all(abs(a[0] - b[0]) < 1 or abs(a[1] - b[1]) < 1 for a, b in pairwise(points)), "right angles"


@pytest.mark.parametrize("direction", ["right", "down"])
def test_no_edge_runs_through_the_title_of_a_box(direction):
    placement = lay_out(Diagram(simple_net().iteration).request(1.5, direction))
    for key, box in placement.scopes.items():
        start, end = placement.titles[key]
        title = Rect(box.x + start, box.y, end - start, HEADER - PADDING / 2)
        assert title.width > 60
        for edge, points in placement.edges.items():
            for (x0, y0), (x1, y1) in pairwise(points):
                piece = Rect(min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0))
                assert not overlap(piece, title), (key, edge)


@pytest.mark.parametrize("direction", ["right", "down"])
def test_edges_keep_clear_of_cards_they_do_not_belong_to(direction):
    placement = lay_out(Diagram(simple_net().iteration).request(1.5, direction))
    for edge, points in placement.edges.items():
        for (x0, y0), (x1, y1) in pairwise(points):
            piece = Rect(min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0))
            for key, card in placement.cards.items():
                assert key in edge or not overlap(piece, card), (edge, key)


def test_data_flows_left_to_right_within_a_row():
    request = Request({key: Member(140, 62) for key in "abcd"}, edges=(("a", "b"), ("b", "c"), ("c", "d")))
    cards = lay_out(request).cards
    assert cards["a"].x < cards["b"].x < cards["c"].x < cards["d"].x


def test_data_flows_top_to_bottom_within_a_column():
    edges = (("a", "b"), ("b", "c"), ("c", "d"))
    cards = lay_out(Request({key: Member(140, 62) for key in "abcd"}, edges=edges, direction="down")).cards
    assert cards["a"].y < cards["b"].y < cards["c"].y < cards["d"].y
    assert {(card.width, card.height) for card in cards.values()} == {(140, 62)}


def test_a_long_chain_is_folded_to_fit_the_window():
    request = Diagram(chain(30).iteration).request(1.5)
    bounds = lay_out(request).bounds
    assert 0.5 < bounds.width / bounds.height < 4


def test_the_same_request_gives_the_same_placement():
    request = Diagram(simple_net().iteration).request(1.5)
    first = lay_out(request)
    assert lay_out(request).cards == first.cards
    assert lay_out(request, first).cards == first.cards


def test_what_is_on_screen_stays_when_a_node_appears():
    before = Diagram(simple_net().iteration).request(1.5)
    first = lay_out(before)
    grown = Request(
        before.cards | {"top_k": Member(140, 62)},
        before.scopes,
        (*before.edges, ("net.fc2/addmm", "top_k")),
        1.5,
    )
    second = lay_out(grown, first)
    assert {key: second.cards[key] for key in first.cards} == first.cards
    assert not any(overlap(second.cards["top_k"], card) for card in first.cards.values())
    assert lay_out(before, second).cards == first.cards, "and when it goes again"


def test_a_box_that_grows_pushes_only_what_is_below_or_right_of_it():
    before = Diagram(simple_net().iteration).request(1.5)
    first = lay_out(before)
    grown = Request(before.cards | {"new": Member(140, 62, "criterion/")}, before.scopes, before.edges, 1.5)
    second = lay_out(grown, first)
    assert holds(second.scopes["criterion/"], second.cards["new"])
    for key in ("images", "net/flatten", "net.fc1/addmm", "net.fc2.weight", "criterion/nll_loss"):
        assert second.cards[key] == first.cards[key]


@pytest.mark.parametrize("count", [MAX_LAYERED + 1, 5000])
def test_what_is_too_large_is_ranked_plainly(count):
    iteration = chain(count).iteration
    request = Diagram(iteration, folding=Folding.by_modules(iteration)).request(1.5)
    placement = lay_out(request)
    assert len(placement.cards) == count
    assert len(placement.edges) == count - 1
    rects = list(placement.cards.values())
    assert not any(overlap(a, b) for a, b in pairwise(rects))


@pytest.mark.parametrize("count, shared", [(60, 6), (60, 25), (150, 40)])
def test_rounds_that_share_their_weights_are_drawn_in_rows_of_little_work(count, shared, monkeypatch):
    """An unrolled recurrent network. All at once, graphlay would hold the whole window up for seconds."""
    asked = []
    real = level.layered
    monkeypatch.setattr(level, "layered", lambda task, reach: asked.append(task) or real(task, reach))
    weights, rounds = [f"w{i}" for i in range(shared)], [f"round{i}" for i in range(count)]
    edges = [*pairwise(rounds), *((w, r) for w in weights for r in rounds)][: level.MAX_LINKS]
    request = Request(dict.fromkeys((*weights, *rounds), Member(140, 62)), edges=tuple(edges))
    placement = lay_out(request)
    assert sum(level._work(task, level._ranks(task)) for task in asked) <= level.MAX_WORK
    assert set(placement.edges) == set(edges)
    assert not any(overlap(a, b) for a, b in combinations(placement.cards.values(), 2))


def test_scopes_that_depend_on_each_other_do_not_stop_it():
    """A module that is called twice, before and after another one, is a circle between two boxes."""
    cards = {"a1": Member(9, 9, "a/"), "b1": Member(9, 9, "b/"), "a2": Member(9, 9, "a/")}
    request = Request(cards, {"a/": "", "b/": ""}, (("a1", "b1"), ("b1", "a2")))
    assert set(lay_out(request).cards) == set(cards)


def test_levels_that_are_alike_are_laid_out_once(monkeypatch):
    """A thousand rounds of a loop take no longer than one."""
    asked = []
    real = level.layered
    monkeypatch.setattr(level, "layered", lambda task, **more: asked.append(task) or real(task, **more))
    scopes = {f"round{i}/": "" for i in range(20)}
    cards = {f"round{i}/{name}": Member(77, 31, f"round{i}/") for i in range(20) for name in "abc"}
    inside = [(f"round{i}/{a}", f"round{i}/{b}") for i in range(20) for a, b in pairwise("abc")]
    between = [(f"round{i}/c", f"round{i + 1}/a") for i in range(19)]
    placement = lay_out(Request(cards, scopes, (*inside, *between)))
    kinds = [task for task in asked if set(task.sizes.values()) == {(77, 31)}]
    assert len(kinds) == 3, "the first round, the last one, and one for all that have neighbours"
    for i in range(1, 19):
        box, other = placement.scopes[f"round{i}/"], placement.scopes["round1/"]
        for name in "abc":
            inner = placement.cards[f"round{i}/{name}"].moved(-box.x, -box.y)
            assert inner == pytest.approx(placement.cards[f"round1/{name}"].moved(-other.x, -other.y))


def test_nothing_needs_no_room():
    assert lay_out(Request({})).bounds == Rect(0, 0, 0, 0)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_graph_of_boxes_is_placed_without_overlaps(data):
    count = data.draw(st.integers(1, 18))
    scopes = {"a/": "", "a.b/": "a/", "c/": ""}
    cards = {
        str(i): Member(
            data.draw(st.sampled_from([88.0, 140.0])), 62, data.draw(st.sampled_from(["", *scopes]))
        )
        for i in range(count)
    }
    pairs = data.draw(st.sets(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=30))
    edges = tuple((str(a), str(b)) for a, b in sorted(pairs) if a < b)
    request = Request(cards, scopes, edges, data.draw(st.sampled_from([0.8, 1.5, 3.0])))
    placement = lay_out(request)
    assert set(placement.cards) == set(cards)
    assert set(placement.edges) == set(edges)
    for a, b in combinations(placement.cards.values(), 2):
        assert not overlap(a, b)
    for key, card in cards.items():
        if card.scope:
            assert holds(placement.scopes[card.scope], placement.cards[key])
