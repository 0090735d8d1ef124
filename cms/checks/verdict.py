"""Runs all checks on a piece. A new check is a function of a piece, and one line here."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from . import errors, warnings
from .piece import Check, Finding, Kind, Piece

CHECKS: tuple[Check, ...] = (
    errors.summary_is_missing,
    errors.alternative_text_is_missing,
    errors.credit_is_missing,
    errors.licence_is_missing,
    errors.link_leads_nowhere,
    errors.document_is_private,
    warnings.link_says_nothing,
    warnings.summary_is_long,
    warnings.date_is_relative,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """``content`` names exactly what was looked at: who publishes despite warnings does so for this, and nothing that
    is written later."""

    errors: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()
    content: str = ""

    def __bool__(self) -> bool:
        return bool(self.errors or self.warnings)


def judge(piece: Piece) -> Verdict:
    """Each finding once, in the order of the checks."""
    found = dict.fromkeys(finding for check in CHECKS for finding in check(piece))
    return Verdict(
        errors=tuple(finding for finding in found if finding.kind is Kind.ERROR),
        warnings=tuple(finding for finding in found if finding.kind is Kind.WARNING),
        content=sha256(repr(piece).encode()).hexdigest()[:32],
    )
