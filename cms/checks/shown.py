"""Puts errors where they stand in a form of Wagtail's: at a field, a row, or a block however deep."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from wagtail.blocks import ListBlock, StreamBlock, StructBlock
from wagtail.blocks.list_block import ListBlockValidationError
from wagtail.blocks.stream_block import StreamBlockValidationError
from wagtail.blocks.struct_block import StructBlockValidationError

from .piece import Finding, Step

_WRAPPED: list[tuple[type[Any], type[Any]]] = [
    (StreamBlock, StreamBlockValidationError),
    (StructBlock, StructBlockValidationError),
    (ListBlock, ListBlockValidationError),
]


def show(form: Any, findings: Iterable[Finding]) -> None:
    """``form`` is a bound form of a page. What belongs to no field of it stands above all fields."""
    by_field: dict[tuple[str, int, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        place = finding.place
        by_field[place.rows, place.row, place.field].append(finding)
    for (rows, row, name), found in by_field.items():
        owner = form.formsets[rows].forms[row] if rows in form.formsets else form
        if name not in owner.fields:
            form.add_error(None, [finding.sentence for finding in found])
        elif (block := getattr(owner.fields[name], "block", None)) is not None:
            value = getattr(owner.instance, name)
            owner.add_error(name, _block_error(block, value, [(f.place.path, f.sentence) for f in found]))
        else:
            owner.add_error(name, [finding.sentence for finding in found])


def _block_error(block: Any, value: Any, found: list[tuple[tuple[Step, ...], str]]) -> ValidationError:
    wrap = next((error for kind, error in _WRAPPED if isinstance(block, kind)), None)
    if wrap is None or any(not path for path, _sentence in found):
        return ValidationError([sentence for _path, sentence in found])
    deeper: dict[Step, list[tuple[tuple[Step, ...], str]]] = defaultdict(list)
    for path, sentence in found:
        deeper[path[0]].append((path[1:], sentence))
    errors = {}
    for step, inner in deeper.items():
        child = _child(block, value, step)
        errors[step] = _block_error(child.block, child.value, inner)
    error: ValidationError = wrap(block_errors=errors)
    return error


def _child(block: Any, value: Any, step: Step) -> Any:
    """The bound block under this number or name."""
    if isinstance(block, StructBlock):
        return value.bound_blocks[step]
    return value.bound_blocks[step] if isinstance(block, ListBlock) else value[step]
