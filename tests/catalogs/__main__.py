"""Brings the catalogs of all languages up to date with the code, and compiles them: ``python -m tests.catalogs``.

What was translated stays; what is new comes in empty; what nobody says any more is thrown away.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from pathlib import Path

import polib

from .extract import Found, Key, messages
from .rooms import PLURALS, ROOMS, compiled

_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.catalogs", description=__doc__)
    parser.add_argument("languages", nargs="*", metavar="LANGUAGE", help="only these, such as de (default: all)")
    languages = parser.parse_args().languages or list(PLURALS)
    if unknown := set(languages) - PLURALS.keys():
        parser.error(f"no plural forms are known for {', '.join(sorted(unknown))}: see tests/catalogs/rooms.py")
    for room in ROOMS:
        found = messages(room)
        for language in languages:
            path = room.catalog(language)
            catalog = renewed(path, language, found)
            path.parent.mkdir(parents=True, exist_ok=True)
            catalog.save(str(path))
            path.with_suffix(".mo").write_bytes(compiled(catalog))
            print(f"{path.relative_to(Path.cwd())}: {len(found)} messages, {len(catalog.untranslated_entries())} to do")


def renewed(path: Path, language: str, found: Mapping[Key, Found]) -> polib.POFile:
    """The catalog with exactly the messages of ``found``, in their order, and with the translations that it had."""
    old = polib.pofile(str(path), encoding="utf-8") if path.exists() else []
    known = {(entry.msgctxt, entry.msgid): entry for entry in old if not entry.obsolete}
    catalog = polib.POFile(wrapwidth=100, encoding="utf-8")
    # No dates and no names: they would differ from one run to the next.
    catalog.metadata = {
        "Project-Id-Version": "Commonwire",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": PLURALS[language],
    }
    catalog.extend(_entry(key, message, known.get(key), language) for key, message in found.items())
    return catalog


def _entry(key: Key, message: Found, old: polib.POEntry | None, language: str) -> polib.POEntry:
    context, text = key
    entry = polib.POEntry(
        msgctxt=context,
        msgid=text,
        comment="\n".join(message.notes),
        tcomment=old.tcomment if old else "",
        occurrences=[(place, "") for place in message.places],
        flags=["python-format"] if _PLACEHOLDER.search(text) else [],
    )
    if message.plural is None:
        entry.msgstr = old.msgstr if old else ""
    else:
        entry.msgid_plural = message.plural
        forms = int(re.search(r"nplurals=(\d)", PLURALS[language])[1])  # type: ignore[index]
        entry.msgstr_plural = {form: old.msgstr_plural.get(form, "") if old else "" for form in range(forms)}
    return entry


if __name__ == "__main__":
    main()
