"""Random programs of up to 30 lines come out alike: values, shapes, dtypes, nodes, gradients, errors.

For a long search: `pytest tests/engine/parity/test_random_programs.py --hypothesis-profile=long`
"""

import warnings

import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings

import gradviz.engine as engine
from tests.engine.parity.programs import Program, agree, close, is_stable, programs, run

pytestmark = pytest.mark.parity


RTOL = 1e-4
LONG = settings.get_current_profile_name() == "long"


@pytest.mark.timeout(0 if LONG else 180)
@settings(
    max_examples=20_000 if LONG else 500,
    derandomize=not LONG,  # so that a run does not fail by what another one did not see
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(programs())
def test_programs_come_out_alike(program: Program) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = run(program, torch, torch.nn.functional)
        ours = run(program, engine, engine.nn.functional)
    if agree(ours, theirs, RTOL):
        return
    assume(all(len(found) > 3 for found in theirs.facts))  # torch refuses what it calls ambiguous
    assume(is_stable(program, torch, torch.nn.functional, theirs))
    assert list(map(bool, ours.errors)) == list(map(bool, theirs.errors)), (ours.errors, theirs.errors)
    assert ours.facts == theirs.facts
    pairs = zip(ours.arrays, theirs.arrays, strict=True)
    assert [pair for pair in pairs if not close(*pair, RTOL)] == []
