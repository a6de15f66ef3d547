"""Looking around in a crowded drawing: tiles, and thousands of things as pixels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from gradviz.ui.graph import drawing, far, tiles
from gradviz.ui.graph.camera import Camera
from gradviz.ui.graph.tiles import SIDE, Tiles

VIEW = QRect(0, 0, 3 * SIDE, 2 * SIDE)


def pixels(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_ARGB32)
    return np.array(image.constBits(), np.uint8).reshape(image.height(), -1, 4)[:, : image.width()]


@pytest.fixture
def painted(qapp, monkeypatch) -> list[tuple[float, float, float]]:
    """Scale and place of every tile that was painted, one a frame."""
    monkeypatch.setattr(tiles, "BUDGET", 0)
    return []


@pytest.fixture
def wall(painted) -> Tiles:
    """Paints every tile in a grey that says how many there were before."""

    def paint(painter: QPainter, camera: Camera, area: QRect) -> None:
        painted.append((camera.scale, -camera.x / SIDE, -camera.y / SIDE))
        painter.fillRect(area, QColor(*[len(painted)] * 3))

    return Tiles(paint)


def frame(wall: Tiles, camera: Camera) -> tuple[bool, np.ndarray]:
    image = QImage(VIEW.size(), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    done = wall.paint(painter, VIEW, camera, 1.0)
    painter.end()
    return done, pixels(image)[..., 0]


def settle(wall: Tiles, camera: Camera) -> np.ndarray:
    for _ in range(100):
        done, picture = frame(wall, camera)
        if done:
            return picture
    raise AssertionError("never done")


def test_a_frame_paints_what_it_has_time_for_and_the_next_ones_the_rest(wall, painted):
    assert [frame(wall, Camera(1.0))[0] for _ in range(6)] == [False] * 5 + [True]
    assert sorted(painted) == [(1.0, x, y) for x in range(3) for y in range(2)]
    assert painted[0] == (1.0, 1, 0) or painted[0] == (1.0, 1, 1), "the middle first"
    assert frame(wall, Camera(1.0))[0] and len(painted) == 6, "and nothing twice"


def test_panning_paints_only_what_comes_into_view(wall, painted):
    settle(wall, Camera(1.0))
    painted.clear()
    settle(wall, Camera(1.0, x=-10))
    assert sorted(painted) == [(1.0, 3, 0), (1.0, 3, 1)]


def test_while_zooming_the_last_picture_is_seen_enlarged(wall, painted):
    before = settle(wall, Camera(1.0))
    done, picture = frame(wall, Camera(2.0))
    assert not done
    assert picture.all(), "nowhere nothing"
    assert picture[0, -1] == before[0, before.shape[1] // 2]


def test_what_changes_is_painted_again_and_seen_as_it_was_until_then(wall, painted):
    settle(wall, Camera(0.5))
    painted.clear()
    wall.touch(QRectF(2 * SIDE + 10, 10, 5, 5))  # in the drawing: half as far on screen
    settle(wall, Camera(0.5))
    assert painted == [(0.5, 1, 0)]
    wall.touch_all()
    done, picture = frame(wall, Camera(0.5))
    assert not done and picture.all()
    wall.forget()
    assert not frame(wall, Camera(0.5))[1].all(), "nothing of another drawing"


def test_tiles_that_are_far_away_are_dropped(wall):
    for step in range(120):
        settle(wall, Camera(1.0, x=-SIDE * step))
    assert len(wall._layer.pictures) <= tiles.KEPT + 8


def test_a_crowded_graph_looks_the_same_by_tiles_as_painted_at_once(shown, monkeypatch):
    canvas = shown.canvas
    canvas.camera.scale = 0.6
    canvas.camera.x, canvas.camera.y = 20.0, 60.0
    canvas.clearFocus()
    direct = pixels(canvas.grab().toImage()).astype(int)
    monkeypatch.setattr(drawing, "MANY", 1)
    monkeypatch.setattr(tiles, "BUDGET", 10_000)
    assert canvas.drawing.crowded(canvas.drawing.bounds)
    tiled = pixels(canvas.grab().toImage()).astype(int)
    assert abs(tiled - direct).mean() < 0.5


coordinate = st.integers(-5, 25)


@given(st.lists(st.tuples(coordinate, coordinate, coordinate, coordinate), max_size=12))
def test_blocks_cover_the_pixels_that_lie_in_them(corners):
    room = QRect(3, 2, 15, 11)
    blocks = np.array([(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in corners]).reshape(-1, 4)
    image = QImage(25, 25, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    far.fill(painter, blocks, QColor("white"), room)
    painter.end()
    covered = np.zeros((25, 25), bool)
    for left, top, right, bottom in blocks.clip(0).tolist():
        covered[top:bottom, left:right] = True
    seen = np.zeros_like(covered)
    seen[2:13, 3:18] = covered[2:13, 3:18]
    assert ((pixels(image)[..., 3] > 0) == seen).all()
