"""The model: walking through recorded iterations, asking for the next, playing, and fetching summaries."""

import pytest

from gradviz.session.protocol import (
    Acknowledge,
    Advance,
    Look,
    Metrics,
    Problem,
    Recorded,
    Seek,
    Seen,
    Start,
    Status,
    Unreachable,
)
from gradviz.trace import Iteration, Metric
from gradviz.ui import model as model_module
from gradviz.ui.model import LIVE
from tests.ui.fake_client import FakeClient
from tests.ui.recordings import simple_net


def advances(client: FakeClient) -> list[str]:
    return [command.until for command in client.commands if isinstance(command, Advance)]


def test_starting_sends_the_program_and_shows_its_first_event(started, client):
    assert isinstance(client.commands[0], Start) and client.commands[0].path == "simplenet.py"
    assert advances(client) == ["iteration"]
    assert started.moment == (0, 0)
    assert Acknowledge() in client.commands


def test_steps_walk_through_the_recorded_iteration_without_the_worker(started, client):
    asked = len(advances(client))
    for event in range(1, len(started.iteration.events)):
        started.step_forward("op")
        assert started.moment.event == event
    assert len(advances(client)) == asked


def test_past_the_last_event_the_program_runs_on(started, client):
    started.last()
    started.step_forward("op")
    assert advances(client) == ["iteration", "iteration"]
    assert started.moment == (1, 0)


def test_steps_back_end_before_the_first_event(started):
    for _ in range(5):
        started.step_back("op")
    assert started.moment == (0, -1)
    assert started.current_event is None


def test_a_phase_ends_where_the_next_begins(started):
    started.step_forward("phase")
    assert started.current_event.phase == "forward"
    started.step_forward("phase")
    assert started.current_event.phase == "backward"
    started.step_forward("phase")
    assert started.current_event.phase == "update"
    started.step_back("phase")
    assert started.current_event.phase == "backward"


def test_a_phase_after_the_last_is_the_first_of_the_next_iteration(started):
    started.last()
    started.step_forward("phase")
    assert started.moment.iteration == 1
    assert started.moment.event == started.iteration.phase_ends()[0]


def test_what_is_there_of_a_growing_iteration_can_be_walked(started, client):
    started.last()
    client.commands.clear()
    client.send = client.keep  # the worker takes its time …
    started.step_forward("op")
    whole = simple_net(1).iteration
    part = Iteration(1, nodes=whole.nodes, scopes=whole.scopes, events=whole.events[:3])
    client.report(Recorded(part))  # … and shows what it has
    started.step_forward("op")
    assert started.moment == (1, 1)
    client.report(Recorded(whole))
    assert started.moment == (1, 1)
    assert advances(client) == ["iteration"]


def test_a_step_of_an_iteration_shows_it_whole(started, client):
    started.step_forward("step")
    assert started.moment == (0, len(started.iteration.events) - 1)
    started.step_forward("step")
    assert started.moment == (1, len(started.iteration.events) - 1)


def test_an_epoch_is_the_workers_business(started, client):
    started.step_forward("epoch")
    assert advances(client)[-1] == "epoch"


def test_what_the_last_program_was_asked_for_is_no_matter_of_the_next(started, client):
    client.report(Status("finished"))
    started.step_forward("epoch")
    started.start("y = 2", "b.py")
    assert started.moment == (0, 0)


def test_playing_at_full_speed_is_training_and_pausing_lands_on_an_iteration(started, client):
    started.set_speed(LIVE)
    started.play()
    assert started.live and advances(client)[-1] == "end"
    started.pause()
    assert not started.playing and advances(client)[-1] == "iteration"
    node = started.nodes[started.current_event.node]
    assert (started.current_event.kind, node.name) == ("forward", "nll_loss")


def test_playing_steps_at_its_speed(started, qtbot):
    started.set_speed(LIVE - 1)
    with qtbot.waitSignal(started.moment_changed):
        started.play()
    assert started.playing and started.moment.event > 0


def test_an_error_stops_playing_and_shows_where(started, client):
    started.play()
    client.report(Problem("error", "ValueError", "no"))
    assert not started.playing
    assert started.moment.event == len(started.iteration.events) - 1


def test_a_finished_program_plays_to_its_last_event_and_no_further(started, client):
    asked = len(advances(client))
    client.report(Status("finished"))
    started.last()
    started.step_forward("op")
    assert len(advances(client)) == asked and not started.playing


@pytest.mark.parametrize(("history_bytes", "shown"), [(1 << 20, 7), (0, 0)], ids=["checkpoints", "none"])
def test_training_at_full_speed_ends_on_the_last_iteration(started, client, history_bytes, shown):
    started.set_speed(LIVE)
    started.play()
    client.report(Metrics([Metric("loss", [7], [0.5])]))
    client.report(Status("finished", 7, history_bytes=history_bytes))
    assert started.moment.iteration == shown
    assert not started.playing


def test_summaries_are_fetched_once_and_kept(started, client, qtbot):
    node = next(node for node in started.nodes if node.name == "images")
    ref = started.ref(node, "value")
    assert started.summary(ref) is None
    with qtbot.waitSignal(started.summaries_changed):
        pass
    assert started.summary(ref).shape == node.shape
    looks = sum(isinstance(command, Look) for command in client.commands)
    started.summary(ref)
    assert sum(isinstance(command, Look) for command in client.commands) == looks == 1


def test_a_value_has_one_address_while_its_node_rests(started):
    weight = next(node for node in started.nodes if node.kind == "parameter")
    before = started.ref(weight, "value")
    started.step_forward("phase")
    assert started.ref(weight, "value") == before
    started.last()
    assert started.ref(weight, "value") != before


def test_the_selection_survives_the_next_iteration(started):
    key = started.nodes[3].key
    started.select(key)
    started.last()
    started.step_forward("op")
    assert started.selected.key == key


def test_stopping_keeps_the_picture(started, client):
    nodes = started.nodes
    started.stop()
    assert not started.started and started.nodes == nodes


def test_reports_of_a_stopped_program_are_not_believed(started, client):
    started.stop()
    client.report(Status("running", 99))
    assert started.status.iteration != 99


def test_a_worker_that_is_gone_can_be_started_again(started, client):
    client.end(5)
    assert not started.started and started.status.exit_code == 5
    started.start("again", "a.py")
    assert started.started and advances(FakeClient.instances[-1]) == ["iteration"]


def test_workers_that_have_ended_are_not_kept(model):
    for _ in range(5):
        model.start("text", "a.py")
    model.stop()
    assert len(model.workers.ending) == 1


def test_a_spare_worker_is_used_for_the_next_start(model):
    model.workers.keeps_spare = True
    model.workers.warm_up()
    (spare,) = FakeClient.instances
    model.start("text", "a.py")
    assert spare.commands[0] == Start("text", "a.py")
    assert FakeClient.instances == [spare]


def test_answers_to_questions_that_nobody_asked_are_ignored(started, client):
    client.report(Seen(12345, [None]))
    assert started.started


@pytest.mark.parametrize("speed", [-3, 99])
def test_speeds_out_of_range_are_clipped(model, speed):
    model.set_speed(speed)
    assert 0 <= model.speed < len(model_module.SPEEDS)


def seeks(client: FakeClient) -> list[int]:
    return [command.iteration for command in client.commands if isinstance(command, Seek)]


def test_a_step_back_from_the_beginning_leads_to_the_end_of_the_iteration_before(started, client):
    started.step_forward("step")
    started.step_forward("op")
    started.step_back("op")
    assert started.moment == (1, -1)
    started.step_back("op")
    assert seeks(client) == [0]
    assert started.moment == (0, len(started.iteration.events) - 1)


def test_whole_iterations_back_end_each_at_its_end(started, client):
    for _ in range(3):
        started.last()
        started.step_forward("step")
    end = len(started.iteration.events) - 1
    assert started.moment == (3, end)
    started.step_back("step")
    started.step_back("step")
    assert started.moment == (1, end)
    assert seeks(client) == [2, 1]


def test_first_and_last_are_the_ends_of_what_has_run(started, client):
    for _ in range(2):
        started.step_forward("step")
        started.step_forward("step")
    client.report(Metrics([Metric("loss", [0, 1, 2], [3.0, 2.0, 1.0])]))
    started.first()
    assert started.moment == (0, -1)
    assert started.at_beginning and not started.at_end
    client.recordings += [simple_net(1), simple_net(2)]
    started.last()
    assert started.moment == (2, len(started.iteration.events) - 1)
    assert started.at_end


def test_while_one_iteration_is_on_its_way_only_the_newest_wish_counts(started, client):
    client.recordings += [simple_net(index) for index in range(1, 6)]
    client.report(Metrics([Metric("loss", list(range(6)), [1.0] * 6)]))
    kept, client.send = client.send, client.keep
    for wanted in (5, 4, 3, 2):
        started.go_to(wanted)
    assert seeks(client) == [5]
    client.send = kept
    client.report(Recorded(client.recordings[5].iteration))
    assert seeks(client) == [5, 2]
    assert started.moment.iteration == 2


def test_a_program_that_cannot_go_back_is_run_again(started, client):
    started.step_forward("step")
    started.step_forward("step")
    client.send = client.keep
    started.go_to(0)
    client.report(Unreachable(0))
    again = FakeClient.instances[-1]
    assert client.closed and again is not client
    start, seek = again.commands[:2]
    assert (start.text, start.furthest) == (client.commands[0].text, 1)
    assert seek == Seek(0)
    assert started.moment.iteration == 0


# ── over and out of modules ───────────────────────────────────────────────────────────────────────────────


def test_a_step_over_takes_in_a_layer_in_both_directions(started):
    started.seek(0)
    assert started.iteration.nodes[started.current_event.node].key == "net/flatten"
    started.step_forward("over")
    assert started.iteration.nodes[started.current_event.node].key == "net.fc1/addmm"
    started.step_back("over")
    assert started.moment.event == 0


def test_a_step_over_takes_in_a_closed_box_of_the_graph(started):
    started.seek(-1)
    started.close_scopes(frozenset({"net"}))
    started.step_forward("over")
    assert started.iteration.nodes[started.current_event.node].key == "net.fc2/addmm"


def test_a_step_out_leads_to_the_end_of_the_module_and_before_it(started):
    started.seek(1)  # in fc1
    started.step_forward("out")
    assert started.moment.event == 2
    started.step_forward("out")
    assert started.iteration.nodes[started.current_event.node].key == "net.fc2/addmm"
    started.seek(4)  # in fc2
    started.step_back("out")
    assert started.moment.event == 3
    started.step_back("out")
    assert started.moment.event == -1


def test_past_the_last_event_a_step_over_begins_the_next_iteration(started):
    started.close_scopes(frozenset({"net"}))
    started.last()
    started.step_forward("over")
    assert started.moment.iteration == 1
    assert started.iteration.nodes[started.current_event.node].key == "net.fc2/addmm"


def test_after_a_step_back_the_program_need_not_run_again_to_go_forward(started, client):
    started.step_forward("step")
    started.step_forward("step")
    client.send = lambda command, *_: client.commands.append(
        command
    )  # the worker shows again what it has kept
    started.step_back("step")
    client.report(Recorded(client.recordings[0].iteration))
    assert started.moment.iteration == 0 and started.status.iteration == 1
    started.step_forward("step")
    started.step_forward("step")
    assert client.commands[-1] == Seek(1, lead=1)


def test_a_program_that_ends_before_the_wanted_iteration_shows_its_last_one(started, client):
    client.send = client.keep
    started.shown.come_to(7)
    client.report(Status("finished", 2))
    assert client.commands[-1].iteration == 2
    del client.send
    client.send(client.commands[-1])
    assert started.moment.iteration == 2 and not started.shown.awaiting
