"""The pages Value and Gradient show, if it is wanted, how the array has changed since the step before."""

import numpy as np
import pytest

from gradviz.ui.inspector import Inspector


@pytest.fixture
def inspector(qtbot, started):
    inspector = Inspector(started)
    qtbot.addWidget(inspector)
    inspector.resize(360, 700)
    inspector.show()
    return inspector


def second_step(model):
    model.last()
    model.step_forward("step")
    assert model.moment.iteration == 1 and model.at_end


def page_of(inspector, model, key, name="value"):
    model.select(key)
    inspector.choose_page(name)
    page = inspector.pages[name]
    page.change.setChecked(True)
    return page


def test_it_shows_the_change_with_norm_and_share(qtbot, inspector, started, client):
    second_step(started)
    page = page_of(inspector, started, "net.fc2.weight", "gradient")
    node = client.recordings[0].node("net.fc2.weight").id
    before, now = (recording.arrays[node, "grad"].astype(np.float64) for recording in client.recordings)
    norm = np.linalg.norm(now - before)
    qtbot.waitUntil(lambda: page.sentence.text() != "")
    words = page.sentence.text().split()
    assert float(words[1].rstrip(":")) == pytest.approx(norm, rel=1e-3)
    assert float(words[2]) == pytest.approx(100 * norm / np.linalg.norm(now), rel=1e-2)
    qtbot.waitUntil(lambda: page.array._summary is not None)
    assert page.array._summary.norm == pytest.approx(norm)


def test_a_click_asks_about_the_number_itself(qtbot, inspector, started):
    second_step(started)
    page = page_of(inspector, started, "net.fc2.bias")
    qtbot.waitUntil(lambda: page.array._summary is not None and page.array._summary.dtype == "float64")
    with qtbot.waitSignal(page.array.element_chosen) as chosen:
        page.array.heatmap.cell_chosen.emit(0, 3)
    ref, index = chosen.args
    assert not ref.change and index == (3,)


def test_before_the_first_step_there_is_none(inspector, started):
    page = page_of(inspector, started, "net.fc2.bias")
    assert page.array.heatmap.words == "There is no step before the first."


def test_where_the_step_before_is_gone_it_says_what_to_do(qtbot, inspector, started, client):
    second_step(started)
    del client.recordings[0]
    page = page_of(inspector, started, "net.fc2.bias")
    qtbot.waitUntil(lambda: "Step 1 is not kept" in page.array.heatmap.words)
    assert "Ctrl+←" in page.array.heatmap.words and page.sentence.text() == ""


def test_going_back_and_forward_again_brings_it(qtbot, inspector, started, client):
    second_step(started)
    gone = client.recordings.pop(0)
    page = page_of(inspector, started, "net.fc2.bias")
    qtbot.waitUntil(lambda: "is not kept" in page.array.heatmap.words)
    client.recordings.insert(0, gone)
    started.go_to(0, "first")
    assert started.moment.iteration == 0
    second_step(started)
    qtbot.waitUntil(lambda: page.array.heatmap.words == "" and page.sentence.text() != "")


def test_without_change_it_is_the_value_again(qtbot, inspector, started):
    second_step(started)
    page = page_of(inspector, started, "images")
    page.change.setChecked(False)
    qtbot.waitUntil(lambda: page.array._summary is not None)
    assert page.sentence.isHidden() and not page.array._shown.ref.change
