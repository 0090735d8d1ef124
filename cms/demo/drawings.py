"""Draws the pictures of the demonstration: flat, abstract, nobody on them, and ours to give away. The same motif gives
the same bytes each time."""

from __future__ import annotations

import io
import math
import random
from collections.abc import Callable

from PIL import Image, ImageDraw

PAPER, INK, SIGNAL = "#efe9dc", "#23211e", "#c8452a"
GREEN, OCHRE, BLUE, PALE = "#5f7f6b", "#cf9f4a", "#2f4a63", "#b9c4c2"
SIZE = (1600, 1000)
MARK = (400, 400)
FINE = 2  # drawn larger and made smaller, so that edges are smooth

Draw = ImageDraw.ImageDraw


def draw(motif: str) -> bytes:
    """A PNG of 1600 × 1000 pixels."""
    return _png(SIZE, MOTIFS[motif])


def draw_mark(seed: str) -> bytes:
    """A square PNG that differs for each ``seed``: a placeholder where an organisation would show its logo."""
    chance = random.Random(seed)  # noqa: S311  a drawing, not a secret

    def paint(draw: Draw, width: int, height: int) -> None:
        ground, figure = chance.sample([BLUE, GREEN, OCHRE, INK, PALE], 2)
        draw.rectangle((0, 0, width, height), fill=ground)
        step = width // 4
        for row in range(4):
            for column in range(4):
                _tile(draw, (column * step, row * step, step), chance.choice("qcs."), figure)
        x, y = (chance.randrange(4) * step + step // 2 for _ in range(2))
        _dot(draw, x, y, step * 0.32, SIGNAL)

    return _png(MARK, paint)


def _tile(draw: Draw, place: tuple[int, int, int], shape: str, colour: str) -> None:
    x, y, step = place
    if shape == "q":
        draw.pieslice((x - step, y - step, x + step, y + step), 0, 90, fill=colour)
    elif shape == "c":
        draw.ellipse((x, y, x + step, y + step), fill=colour)
    elif shape == "s":
        draw.rectangle((x, y + step // 2, x + step, y + step), fill=colour)


def _png(size: tuple[int, int], paint: Callable[[Draw, int, int], None]) -> bytes:
    width, height = size[0] * FINE, size[1] * FINE
    image = Image.new("RGB", (width, height), PAPER)
    paint(ImageDraw.Draw(image), width, height)
    stream = io.BytesIO()
    image.resize(size, Image.Resampling.LANCZOS).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def _dot(draw: Draw, x: float, y: float, radius: float, colour: str) -> None:
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def _crossing(draw: Draw, width: int, height: int) -> None:
    centre = (width * 0.62, height * 0.46)
    for number in range(9):
        angle = math.tau * number / 9 + 0.35
        far = (centre[0] + math.cos(angle) * width, centre[1] + math.sin(angle) * width)
        near = (centre[0] + math.cos(angle) * width * 0.045, centre[1] + math.sin(angle) * width * 0.045)
        draw.line((*near, *far), fill=INK, width=width // 220)
        along = 0.16 + 0.035 * (number % 4)
        dot = (centre[0] + math.cos(angle) * width * along, centre[1] + math.sin(angle) * width * along)
        _dot(draw, *dot, width * 0.014, (GREEN, OCHRE, BLUE)[number % 3])
    _dot(draw, *centre, width * 0.028, SIGNAL)


def _waves(draw: Draw, width: int, height: int) -> None:
    _dot(draw, width * 0.76, height * 0.27, width * 0.06, SIGNAL)
    for number, colour in enumerate((PALE, OCHRE, GREEN, BLUE, INK)):
        base = height * (0.42 + 0.12 * number)
        points = [
            (x, base + math.sin(x / width * math.tau * (0.7 + 0.13 * number) + number * 1.9) * height * 0.085)
            for x in range(0, width + 40, 40)
        ]
        draw.polygon([*points, (width, height), (0, height)], fill=colour)


def _grid(draw: Draw, width: int, height: int) -> None:
    draw.rectangle((0, 0, width, height), fill=INK)
    step = width / 16
    for row in range(10):
        for column in range(16):
            x, y = (column + 0.5) * step, (row + 0.5) * step
            turn = (row * 7 + column * 5) % 11
            if (row, column) == (4, 10):
                _dot(draw, x, y, step * 0.42, SIGNAL)
            elif turn < 4:
                _dot(draw, x, y, step * (0.16 + 0.06 * turn), (PAPER, PALE, OCHRE, GREEN)[turn])
            else:
                _dot(draw, x, y, step * 0.05, PALE)


def _bridge(draw: Draw, width: int, height: int) -> None:
    for number in range(9):
        y = height * (0.66 + 0.035 * number)
        draw.line(
            (width * 0.04 * (number % 3), y, width * (1 - 0.05 * ((number + 1) % 4)), y), fill=BLUE, width=height // 90
        )
    _dot(draw, width * 0.2, height * 0.22, width * 0.035, SIGNAL)
    draw.rectangle((0, height * 0.4, width, height * 0.46), fill=INK)
    span = width / 5
    for number in range(6):
        draw.rectangle(
            (number * span - width * 0.012, height * 0.42, number * span + width * 0.012, height * 0.72), fill=INK
        )
    for number in range(5):
        box = (number * span + width * 0.012, height * 0.47, (number + 1) * span - width * 0.012, height * 0.95)
        draw.arc(box, 180, 360, fill=INK, width=height // 60)


def _doors(draw: Draw, width: int, height: int) -> None:
    draw.rectangle((0, height * 0.82, width, height), fill=PALE)
    for number, colour in enumerate((BLUE, GREEN, PAPER, OCHRE, BLUE)):
        left = width * (0.08 + 0.175 * number)
        box = (left, height * 0.2, left + width * 0.13, height * 0.82)
        draw.rectangle(box, fill=colour, outline=INK, width=width // 260)
        if number == 2:
            light = [
                (left, height * 0.82),
                (left + width * 0.13, height * 0.82),
                (left + width * 0.3, height),
                (left + width * 0.03, height),
            ]
            draw.polygon(light, fill="#f7e3b5")
        _dot(draw, left + width * 0.112, height * 0.53, width * 0.006, SIGNAL if number == 2 else INK)


MOTIFS: dict[str, Callable[[Draw, int, int], None]] = {
    "crossing": _crossing,
    "waves": _waves,
    "grid": _grid,
    "bridge": _bridge,
    "doors": _doors,
}
