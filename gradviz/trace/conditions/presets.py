"""Conditions that most people want, each with the one number or text that they adjust."""

from __future__ import annotations

from typing import NamedTuple

from gradviz.trace.conditions.lexer import quoted


class Preset(NamedTuple):
    """`title` is English. `template` has a {} where the number or text goes that `default` is an example of;
    None when there is nothing to adjust."""

    id: str
    title: str
    template: str
    default: float | str | None = None

    def condition(self, adjusted: float | str | None = None) -> str:
        """The condition's text, with `default` where nothing else is given."""
        value = self.default if adjusted is None else adjusted
        if value is None:
            return self.template
        return self.template.format(quoted(value) if isinstance(value, str) else f"{value:.15g}")


PRESETS: tuple[Preset, ...] = (
    Preset("nan", "NaN or Inf appears", "value.nan or value.inf or grad.nan or grad.inf"),
    Preset("gradient", "Norm of a gradient is above", "grad.norm > {}", 100.0),
    Preset("weight", "Norm of a weight is above", 'kind == "update" and value.norm > {}', 100.0),
    Preset("activation", "Norm of an activation is above", 'kind == "forward" and value.norm > {}', 1000.0),
    Preset("loss", "Loss rises by a factor of", "loss > {} * loss.previous", 2.0),
    Preset("dead", "Share of dead ReLU units is above", "dead > {}", 0.5),
    Preset("ratio_above", "Update-to-weight ratio is above", "update.ratio > {}", 0.1),
    Preset("ratio_below", "Update-to-weight ratio is below", "update.ratio < {}", 1e-6),
    Preset("node", "A node is reached", "node == {}", "net.fc1/addmm"),
    Preset("line", "A line of the program is reached", 'line == {} and phase != "backward"', 1.0),
)

TEMPLATES = tuple(preset.title for preset in PRESETS)
