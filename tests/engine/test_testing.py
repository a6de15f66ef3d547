"""torch.testing.assert_close: what passes, and what is said of the rest."""

from __future__ import annotations

from typing import Any

import pytest

import gradviz.engine as torch

one, two, nan = torch.ones(2), torch.ones(2) * 2, torch.tensor([float("nan")])


@pytest.mark.parametrize(
    ("actual", "expected", "settings"),
    [
        (one, one + 1e-6, {}),
        (one, one * 1.01, {"rtol": 0.1, "atol": 0}),
        (one, one.double(), {"check_dtype": False}),
        (nan, nan, {"equal_nan": True}),
        ([1.0, {"a": one}], [1.0, {"a": one}], {}),
        (None, None, {}),
    ],
)
def test_what_is_close_passes(actual: Any, expected: Any, settings: dict[str, Any]) -> None:
    torch.testing.assert_close(actual, expected, **settings)


@pytest.mark.parametrize(
    ("actual", "expected", "words"),
    [
        (one, two, "Tensor-likes are not close!\n\nMismatched elements: 2 / 2 (100.0%)\nGreatest absolute"
         " difference: 1.0 at index (0,) (up to 1e-05 allowed)\nGreatest relative difference: 0.5 at"),
        (torch.tensor([1, 2]), torch.tensor([1, 3]), "Tensor-likes are not equal!\n\nMismatched"),
        (one, one.double(), "attribute 'dtype' do not match: torch.float32 != torch.float64."),
        (one, torch.ones(3), "attribute 'shape' do not match: torch.Size([2]) != torch.Size([3])."),
        (nan, nan, "Greatest absolute difference: nan at index (0,)"),
        (1.0, 1.5, "Scalars are not close!\n\nExpected 1.5 but got 1.0.\nAbsolute difference: 0.5"),
        ([1, {"a": one}], [1, {"a": two}], "The failure occurred for item [1]['a']"),
        ([1], [1, 2], "The length of the sequences mismatch: 1 != 2"),
        ({"a": 1}, {"b": 1}, "Missing keys in the actual mapping: ['b']\nAdditional keys"),
    ],
)  # fmt: skip
def test_what_is_not_close_is_described_in_torchs_words(actual: Any, expected: Any, words: str) -> None:
    with pytest.raises(AssertionError) as raised:
        torch.testing.assert_close(actual, expected)
    assert words in str(raised.value)


def test_what_cannot_be_compared() -> None:
    with pytest.raises(TypeError, match="No comparison pair was able to handle inputs of type"):
        torch.testing.assert_close(one, [1.0, 1.0])
    with pytest.raises(ValueError, match="but got no atol"):
        torch.testing.assert_close(one, one, rtol=0.1)
    with pytest.raises(AssertionError, match=r"^too far$"):
        torch.testing.assert_close(one, two, msg="too far")
