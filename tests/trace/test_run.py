"""The curves of a run."""

from gradviz.trace import Metric, Run


def test_curves_grow_at_their_end():
    run = Run()
    run.extend(Metric("loss", [0, 1], [2.5, 2.0]))
    run.extend(Metric("loss", [2], [1.5]))
    iterations, values = run.curve("loss")
    assert iterations.tolist() == [0, 1, 2]
    assert values.tolist() == [2.5, 2.0, 1.5]
    assert run.last_iteration == 2


def test_a_curve_that_does_not_exist_is_empty():
    run = Run()
    assert run.curve("loss")[0].size == 0
    assert run.last_iteration == -1


def test_a_program_cannot_fill_the_memory_with_curves():
    run = Run()
    accepted = sum(run.extend(Metric(f"curve {number}", [0], [0.0])) for number in range(Run.MAX_CURVES + 5))
    assert accepted == Run.MAX_CURVES
    assert len(run.names) == Run.MAX_CURVES


def test_an_iteration_that_ran_twice_has_one_point():
    run = Run()
    run.extend(Metric("loss", [0, 1, 2, 3], [4.0, 3.0, 2.0, 1.0]))
    run.extend(Metric("loss", [1, 2], [3.0, 2.5]))
    run.extend(Metric("grad_norm/w", [3], [0.3]))
    run.extend(Metric("grad_norm/w", [1], [0.1]))
    assert [points.tolist() for points in run.curve("loss")] == [[0, 1, 2, 3], [4.0, 3.0, 2.5, 1.0]]
    assert [points.tolist() for points in run.curve("grad_norm/w")] == [[1, 3], [0.1, 0.3]]
