"""Plots, drawn on the server as SVG that has no style and no script of its own; the style sheet gives its colours,
which follow those of the administration. A plot never stands alone: whoever shows one shows its numbers too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from xml.etree import ElementTree as ET

import leather
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import pgettext

# Pixels of the drawing. Text in it grows and shrinks with the width at which it is shown, so it is drawn about as wide.
NARROW, WIDE, HEIGHT = 400, 600, 200
_KEPT = 10  # of the margin that the library leaves around, a twentieth of the width
_MOST_TICKS = 5


@dataclass(frozen=True, slots=True)
class Plot:
    """``points`` are days, the oldest first, with a number of each. ``name`` and ``description`` are read to those who
    do not see it. Nothing is drawn of fewer than two points."""

    ident: str
    name: str
    description: str
    points: Sequence[tuple[date, int]]
    width: int = WIDE

    def __bool__(self) -> bool:
        return len(self.points) > 1

    @property
    def svg(self) -> str:
        """For templates, which know a string only."""
        return format_html("{}", self)

    def __html__(self) -> str:
        """Built as a tree, so that every text in it is escaped."""
        return ET.tostring(self._tree(), encoding="unicode") if self else ""

    def _tree(self) -> ET.Element:
        edge = self.width // 20 - _KEPT
        names = {"title": f"{self.ident}-title", "desc": f"{self.ident}-desc"}
        root = ET.Element(
            "svg",
            {
                "viewBox": f"{edge} {edge} {self.width - 2 * edge} {HEIGHT - 2 * edge}",
                "class": "cw-plot",
                "role": "img",
                "aria-labelledby": " ".join(names.values()),
            },
        )
        for tag, text in (("title", self.name), ("desc", self.description)):
            ET.SubElement(root, tag, {"id": names[tag]}).text = text
        root.append(self._chart().to_svg_group(self.width, HEIGHT))
        return root

    def _chart(self) -> Any:
        chart = leather.Chart()
        ticks = _ticks(max(number for _day, number in self.points))
        chart.add_y_scale(0, ticks[-1])
        chart.add_y_axis(ticks=ticks, tick_formatter=lambda value, _i, _n: str(value))
        days = [day for day, _number in self.points]
        step = max(1, -(-len(days) // _MOST_TICKS))
        chart.add_x_axis(
            ticks=days[::step],
            tick_formatter=lambda day, _i, _n: date_format(day, pgettext("format of a day below a plot", "j M")),
        )
        chart.add_line([list(point) for point in self.points])
        return chart


def _ticks(highest: int) -> list[int]:
    """Whole round numbers from 0 to no less than ``highest``."""
    step = 1
    for digits in range(20):
        step = next((n * 10**digits for n in (1, 2, 5) if n * 10**digits * 4 >= highest), 0)
        if step:
            break
    return [step * number for number in range(max(1, -(-highest // step)) + 1)]
