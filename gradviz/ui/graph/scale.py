"""What the widths, colours and bars of an overlay mean: entries for the legend."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from gradviz.ui.graph.legend import Entry
from gradviz.ui.graph.readings import DECADES, LEAST_CHANGE, LEAST_NORM, Readings
from gradviz.ui.numbers import byte_size, compact, duration

translate = QCoreApplication.translate


def scale_of(readings: Readings) -> list[Entry]:
    """Of the overlay that is shown; nothing where there is none."""
    match readings.overlay:
        case "gradients":
            largest = compact(LEAST_NORM * 10**DECADES)
            return [
                ("width", translate("Scale", "‖∇‖ from {0} to {1}").format(compact(LEAST_NORM), largest)),
                ("line:positive", translate("Scale", "+ mean above 0")),
                ("line:negative", translate("Scale", "− mean below 0")),
                ("line:backward", translate("Scale", "± mean about 0")),
            ]
        case "memory":
            return [
                *_bars(byte_size(int(readings.most), 3), readings),
                ("bar:parameter", translate("Scale", "numbers of its own; a view has none")),
                ("bar:saved", translate("Scale", "saved for backward")),
            ]
        case "time":
            return [
                *_bars(duration(readings.most), readings),
                ("bar:forward", translate("Scale", "its forward")),
                ("bar:backward", translate("Scale", "its backward")),
            ]
        case "units":
            return [
                ("bar:warning", translate("Scale", "0 to 100 %")),
                ("", translate("Scale", "dead: units that are 0 for every sample")),
                ("", translate("Scale", "saturated: numbers where the curve is flat")),
            ]
        case "change":
            words = translate("Scale", "‖Δ‖ / ‖now‖ since the step before, {0} to 100 %")
            return [
                ("bar:update", words.format(compact(100 * LEAST_CHANGE))),
                ("", translate("Scale", "none before: not in that step, or not recorded")),
            ]
        case _:
            return []


def _bars(most: str, readings: Readings) -> list[Entry]:
    """What a full bar is; nothing while there are none."""
    return [("", translate("Scale", "bars: 0 to {0}").format(most))] if readings.most else []
