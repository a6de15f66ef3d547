"""Branches of the run: forking one, showing and comparing them, walking two in lockstep, dropping them."""

import pytest

from gradviz.session.protocol import Advance, Fork, Metrics, Problem, Seek, Status
from gradviz.trace import Metric
from gradviz.trace.branches import MAIN, Branch, DatedEdit, SetElement, SetLearningRate, SetSample
from gradviz.ui.model import LIVE

FASTER = SetLearningRate(0.5)


def fork(model, *edits):
    """Forks at the shown moment; returns the new branch."""
    for edit in edits or [FASTER]:
        model.draft.change(edit)
    model.draft.fork()
    return model.branches.all[-1]


def run_to(model, iteration):
    while model.iteration.index < iteration:
        model.step_forward("step")


@pytest.fixture
def forked(started):
    """SimpleNet at the beginning of its third iteration, forked there with another learning rate."""
    run_to(started, 2)
    started.seek(0)
    fork(started)
    return started


def test_a_fork_tells_the_parents_worker_where_and_with_what(started, client):
    run_to(started, 2)
    started.seek(0)
    fork(started)
    branch = Branch(1, "lr 0.5", MAIN, 2, (FASTER,))
    assert client.forks == [Fork(branch, (DatedEdit(2, FASTER),))]


def test_the_new_branch_is_shown_at_the_same_moment_beside_its_parent(forked):
    main, branch = forked.branches.all
    assert forked.shown is branch and forked.branches.compared is main
    assert branch.moment == main.moment == (2, 0)
    assert forked.branches.name_of(branch) == "lr 0.5" and forked.branches.name_of(main) == "main"


def test_once_the_update_has_begun_a_fork_changes_the_next_iteration(started, client):
    started.seek(client.recordings[0].event_of("net.fc1.weight", "update") - 1)
    assert started.draft.here == 0
    started.step_forward("op")
    assert started.draft.here == 1
    branch = fork(started)
    assert branch.begins == 1 and started.shown.moment == (1, 0)
    assert started.branches.compared.moment == (1, 0)  # its parent has come along


def test_the_last_iteration_of_a_program_that_is_over_is_forked_itself(started, client):
    client.report(Status("finished", 0))
    started.last()
    assert started.draft.here == 0


def test_a_sample_is_changed_in_the_batch_that_is_shown(started):
    started.last()
    started.draft.change(FASTER)
    assert started.draft.iteration == 1
    started.draft.change(SetSample(3, label=7))
    assert started.draft.iteration == 0
    run_to(started, 1)
    started.draft.change(SetSample(5, label=1))  # of another batch: the first one is meaningless there
    assert started.draft.edits == [FASTER, SetSample(5, label=1)]


def test_a_later_change_of_the_same_thing_takes_the_place_of_an_earlier_one(started):
    for edit in (FASTER, SetElement("w", (0, 1), 1.0), SetElement("w", (0, 2), 1.0)):
        started.draft.change(edit)
    started.draft.change(SetElement("w", (0, 1), 2.0))
    started.draft.change(SetLearningRate(0.25))
    assert started.draft.edits == [
        SetElement("w", (0, 2), 1.0),
        SetElement("w", (0, 1), 2.0),
        SetLearningRate(0.25),
    ]


def test_nothing_is_forked_without_a_change_or_a_program(started, client):
    started.draft.begin()
    started.draft.fork()
    started.stop()
    started.draft.change(FASTER)
    started.draft.fork()
    assert not client.forks and started.draft.iteration is None


def test_both_branches_walk_in_lockstep(forked):
    main, branch = forked.branches.all
    for grain in ("op", "phase", "phase", "step", "op", "step"):
        forked.step_forward(grain)
        assert branch.moment == main.moment
    forked.step_back("step")
    assert branch.moment == main.moment
    forked.first()
    assert branch.moment == main.moment == (0, -1)


def test_showing_the_other_branch_swaps_them_at_the_same_moment(qtbot, forked):
    main, branch = forked.branches.all
    forked.seek(5)
    with qtbot.waitSignals([forked.iteration_changed, forked.moment_changed, forked.status_changed]):
        forked.branches.show(main)
    assert (forked.shown, forked.branches.compared) == (main, branch)
    assert forked.moment == (2, 5)
    forked.step_forward("op")
    assert branch.moment == (2, 6)


def test_a_branch_that_is_not_compared_stays_where_it_is(forked):
    main, branch = forked.branches.all
    forked.branches.compare(None)
    forked.step_forward("step")
    forked.step_forward("step")
    assert branch.iteration.index == 3 and main.iteration.index == 2
    forked.branches.compare(main)
    assert main.moment == branch.moment


def test_only_the_shown_branch_drives_what_plays(forked, client):
    forked.set_speed(LIVE)
    forked.play()
    forked.branches.show(forked.branches.all[0])
    last = [command for command in client.commands if isinstance(command, Advance)][-1]
    assert not forked.playing and last == Advance("iteration")


def test_reports_of_one_branch_do_not_touch_the_others(forked, client):
    main, branch = forked.branches.all
    client.report(Metrics([Metric("loss", [2], [0.5])]), branch.id)
    assert branch.run.curve("loss")[1].tolist() == [0.5]
    assert not len(main.run.curve("loss")[1])
    forked.branches.show(main)
    before = forked.moment
    client.report(Problem("error", "ValueError", "bad"), branch.id)
    client.end(1, branch.id)
    assert forked.moment == before and forked.started and branch.status.state == "failed"


def test_a_fork_of_a_fork_hands_on_what_its_ancestors_changed(forked, client):
    run_to(forked, 4)
    forked.seek(0)
    fork(forked, SetElement("net.fc1.bias", (3,), 2.0))
    branch = client.forks[-1].branch
    assert (branch.id, branch.parent, branch.iteration) == (2, 1, 4)
    assert client.forks[-1].edits == (DatedEdit(2, FASTER), DatedEdit(4, branch.edits[0]))


def test_before_its_own_beginning_a_branch_is_its_parent(forked, client):
    forked.first()
    fork(forked, SetLearningRate(0.001))
    assert client.forks[-1].branch.parent == MAIN


def test_a_dropped_branch_leaves_the_others_as_they_are(forked, client):
    main, branch = forked.branches.all
    forked.drop_branch(branch)
    assert forked.branches.all == [main] and forked.shown is main and forked.branches.compared is None
    assert list(client.branches) == [MAIN]
    forked.step_forward("step")
    assert forked.started


def test_dropping_another_branch_does_not_change_what_is_shown(forked):
    run_to(forked, 3)
    forked.seek(0)
    third = fork(forked)
    forked.drop_branch(forked.branches.all[1])
    assert forked.shown is third and len(forked.branches.all) == 2


def test_numbers_of_dropped_branches_are_not_used_again(forked, client):
    forked.drop_branch(forked.branches.all[1])
    assert fork(forked).id == 2


def test_names_can_be_changed_and_given_back(forked):
    branch = forked.branches.all[1]
    forked.branches.rename(branch, "  fast \n one ")
    assert forked.branches.name_of(branch) == "fast one"
    forked.branches.rename(branch, "")
    assert forked.branches.name_of(branch) == "lr 0.5"


def test_another_run_begins_with_one_branch(forked):
    forked.draft.change(FASTER)
    forked.start("# another text", "other.py")
    assert len(forked.branches.all) == 1 and forked.branches.compared is None
    assert forked.draft.iteration is None


def test_there_is_an_end_to_branches(started, monkeypatch):
    monkeypatch.setattr("gradviz.ui.branches.MAX_BRANCHES", 2)
    fork(started)
    assert not started.draft.possible
    fork(started)
    assert len(started.branches.all) == 2


def test_a_follower_whose_program_is_over_is_not_asked_for_more(forked, client):
    main = forked.branches.all[0]
    client.report(Status("finished", 2), MAIN)
    client.commands.clear()
    forked.step_forward("step")
    forked.step_forward("step")
    assert main.iteration.index == 2 and not forked.branches.together
    assert not any(isinstance(command, Seek) for command in client.commands)


def test_a_branch_that_is_on_its_way_is_shown_when_it_comes(started, client):
    client.fork = client.forks.append  # a worker that takes its time
    branch = fork(started)
    assert started.branches.is_coming(branch) and started.shown is started.branches.all[0]
    started.branches.show(branch)
    assert started.shown is started.branches.all[0]
    del client.fork
    client.fork(client.forks.pop())
    assert started.shown is branch and started.branches.compared is started.branches.all[0]


def test_a_branch_that_fails_before_it_has_begun_can_be_dropped(started, client):
    client.fork = client.forks.append
    branch = fork(started)
    client.branches[branch.id] = []
    client.end(1, branch.id)
    assert not started.branches.is_coming(branch) and started.shown.send is not None
    started.drop_branch(branch)
    assert started.branches.all == [started.shown]


def test_problems_say_whose_they_are_once_there_are_several_branches(qtbot, started, client):
    with qtbot.waitSignal(started.problem_found) as found:
        client.report(Problem("warning", "nan", "loss = nan"))
    assert found.args[0].message == "loss = nan"
    branch = fork(started)
    with qtbot.waitSignal(started.problem_found) as found:
        client.report(Problem("warning", "nan", "loss = nan"), branch.id)
    assert found.args[0].message == "B: loss = nan"
