"""Reads a host-meta document (RFC 6415), for the one thing that it is asked for. XML can hold entities that grow
without end or name files; a document type is where they are declared, so a document with one is refused. Pure; called
by :mod:`.webfinger`."""

from __future__ import annotations

from xml.parsers import expat

from federation.errors import BadAnswer

_LINK = "http://docs.oasis-open.org/ns/xri/xrd-1.0 Link"


def find_template(data: bytes) -> str | None:
    """The ``lrdd`` template, in which ``{uri}`` is to be replaced, or None. Raises :class:`BadAnswer`."""
    found: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        template = attributes.get("template", "")
        if name == _LINK and attributes.get("rel") == "lrdd" and "{uri}" in template:
            found.append(template)

    def refuse(*_: object) -> None:
        raise BadAnswer("host-meta with a document type")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise BadAnswer(f"host-meta is not XML: {error}") from error
    return found[0] if found else None
