"""The building blocks of a page's body. There is deliberately no block for raw HTML."""

from .body import AgendaBlock, BodyBlock

__all__ = ["AgendaBlock", "BodyBlock"]
