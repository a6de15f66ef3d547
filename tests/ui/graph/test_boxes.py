"""What open boxes say of what is in them."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from gradviz.ui.graph.boxes import paint_box, paint_summary
from gradviz.ui.graph.diagram import Diagram
from gradviz.ui.graph.faces import Face
from tests.ui.recordings import simple_net

WORDS = {"pending": "not yet", "parameters": "{0} parameters", "scalar": "scalar"}


def test_an_open_box_sums_up_what_it_would_if_it_were_closed():
    iteration = simple_net().iteration
    opened = Diagram(iteration)
    for key in ("net/", "net.fc1/", "criterion/"):
        closed = Diagram(iteration, opened.opened - {key.removesuffix("/")}, opened.folding)
        assert opened.box(key) == closed.cards[key]
    assert opened.box("net.fc1/").parameters == 784 * 128 + 128


def test_the_boxes_around_a_card_are_known_innermost_first():
    diagram = Diagram(simple_net().iteration)
    assert diagram.boxes_around("net.fc1/addmm") == ["net.fc1/", "net/"]
    assert diagram.boxes_around("images") == diagram.boxes_around("no such card") == []


def test_boxes_tell_what_runs_in_them_and_their_gradient_step_by_step(shown, model, client, settle):
    def faces() -> dict[str, Face]:
        settle()
        return {key: shown._faces.face(shown._diagram.box(key)) for key in ("net/", "net.fc1/", "net.fc2/")}

    step = client.recordings[-1].event_of("net.fc2/addmm", "backward")
    model.seek(step - 1)
    assert {face.gradient for face in faces().values()} == {"pending"}
    model.step_forward("op")
    seen = faces()
    assert (seen["net/"].running, seen["net.fc1/"].running, seen["net.fc2/"].running) == (
        "backward",
        "",
        "backward",
    )
    assert (seen["net/"].gradient, seen["net.fc1/"].gradient) == ("known", "pending")
    assert seen["net/"].gradient_norm == seen["net.fc2/"].gradient_norm != ""
    model.seek(len(model.iteration.events) - 1)
    assert faces()["net.fc1/"].gradient == "known"


def painted(width: float, face: Face, *, summary: bool) -> QImage:
    image = QImage(600, 120, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    card = Diagram(simple_net().iteration).box("net.fc1/")
    line = paint_box(painter, "fc1", QRectF(5, 5, width, 100), (6.0, width - 6), 1.0)
    assert line.right() <= 5 + width - 32, "the sign that closes it has a place of its own"
    if summary:
        paint_summary(painter, card, face, line, WORDS)
    painter.end()
    return image


def test_nothing_is_written_outside_of_a_box_however_narrow_it_is(qapp):
    face = Face(ready=True, gradient="known", gradient_norm="0.0749", running="backward")
    for width in (70.0, 110.0, 180.0, 260.0, 500.0):
        bare, full = painted(width, face, summary=False), painted(width, face, summary=True)
        changed = [x for x in range(600) for y in range(0, 40, 2) if bare.pixel(x, y) != full.pixel(x, y)]
        assert not changed or max(changed) <= 5 + width - 26, width
        assert bool(changed) == (width > 100), width
