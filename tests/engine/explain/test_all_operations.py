"""Every operation's numbers add up, and nothing but the elements that are named matters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradviz.engine import explain
from gradviz.engine.explain.replay import Replay
from tests.engine.cases import CASES, Case
from tests.engine.explain.uses import assert_adds_up, elements, index_in


@pytest.mark.parametrize("case", CASES, ids=str)
@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_terms_of_an_output_add_up(case: Case, data) -> None:
    use, _, nr, index = data.draw(elements(case))
    if use.outputs[nr].size:
        why = explain.output(use, index, nr)
        assert_adds_up(why)
        has_constant = use.op.op_name == "constant_pad_nd" or any(
            isinstance(x, (int, float)) for x in use.inputs
        )
        assert why.rest == 0 or has_constant


@pytest.mark.parametrize("case", CASES, ids=str)
@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_terms_of_a_gradient_add_up(case: Case, data) -> None:
    use, grads, _, _ = data.draw(elements(case))
    positions = [i for i, g in enumerate(grads) if g is not None and g.size]
    if positions:
        position = data.draw(st.sampled_from(positions), label="argument")
        index = index_in(data.draw, grads[position])
        why = explain.gradient(use, position, index, float(grads[position][index]))
        assert_adds_up(why)
        assert why.rest == 0 and not why.probed


@pytest.mark.parametrize("case", CASES, ids=str)
@settings(max_examples=3, deadline=None)
@given(data=st.data())
def test_only_the_named_elements_matter(case: Case, data) -> None:
    """For what is made element by element; an operation that is not must declare `terms` or `decompose`."""
    use, _, nr, index = data.draw(elements(case))
    if use.op.terms or use.op.decompose is not None or not use.outputs[nr].size:
        return
    (term,) = explain.output(use, index, nr)
    use = use.wide()
    inputs = [np.full_like(x, 0.5) if isinstance(x, np.ndarray) else x for x in use.inputs]
    for factor in term.factors:
        x = inputs[factor.source.number]
        if isinstance(x, np.ndarray):
            x[factor.index] = factor.value
    again = np.broadcast_to(Replay(use.op, inputs).outputs[nr].detach().numpy(), use.outputs[nr].shape)
    np.testing.assert_allclose(again[index], use.outputs[nr][index], rtol=1e-13)
