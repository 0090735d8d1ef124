"""Writes small PDF files by hand: tagged, with a title and a language, so that a screen reader can read them. Only for
the demonstration; each page is a heading and a few lines in Helvetica."""

from __future__ import annotations

Lines = tuple[str, ...]

_HEAD = 6  # numbers of the objects that every file has: catalogue, pages, two fonts, structure, document
_PER_PAGE = 2  # page and its content


def pdf(title: str, pages: tuple[Lines, ...], language: str = "en") -> bytes:
    """The file. The first line of each page is its heading. Text must be Latin-1."""
    count = len(pages)
    page_numbers = [_HEAD + 1 + _PER_PAGE * index for index in range(count)]
    tag_start = _HEAD + _PER_PAGE * count + 1
    tags, parents = _tags(pages, page_numbers, tag_start)
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R /Lang ({language}) /MarkInfo << /Marked true >> /StructTreeRoot 5 0 R "
        "/ViewerPreferences << /DisplayDocTitle true >> >>",
        f"<< /Type /Pages /Count {count} /Kids [{_references(page_numbers)}] >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
        f"<< /Type /StructTreeRoot /K 6 0 R /ParentTree << /Nums [{parents}] >> /ParentTreeNextKey {count} >>",
        f"<< /Type /StructElem /S /Document /P 5 0 R /K [{_references(range(tag_start, tag_start + len(tags)))}] >>",
    ]
    for index, lines in enumerate(pages):
        objects += [_page(page_numbers[index] + 1, index), _content(lines)]
    objects += tags
    objects.append(f"<< /Title {_text(title)} /Creator (Commonwire demo) >>")
    return _file(objects)


def _page(content: int, index: int) -> str:
    return (
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Tabs /S "
        f"/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents {content} 0 R /StructParents {index} >>"
    )


def _content(lines: Lines) -> str:
    parts = [
        f"/{'H1' if number == 0 else 'P'} << /MCID {number} >> BDC BT /{'F2 20' if number == 0 else 'F1 12'} Tf "
        f"72 {740 - (0 if number == 0 else 24 + 20 * number)} Td {_text(line)} Tj ET EMC"
        for number, line in enumerate(lines)
    ]
    stream = "\n".join(parts)
    return f"<< /Length {len(stream.encode('latin-1'))} >>\nstream\n{stream}\nendstream"


def _tags(pages: tuple[Lines, ...], page_numbers: list[int], start: int) -> tuple[list[str], str]:
    """One element of the structure per line, and the table that leads from a page's lines back to their elements."""
    tags: list[str] = []
    parents: list[str] = []
    for index, lines in enumerate(pages):
        first = start + len(tags)
        tags += [
            f"<< /Type /StructElem /S /{'H1' if number == 0 else 'P'} /P 6 0 R /K {number} "
            f"/Pg {page_numbers[index]} 0 R >>"
            for number in range(len(lines))
        ]
        parents.append(f"{index} [{_references(range(first, start + len(tags)))}]")
    return tags, " ".join(parents)


def _references(numbers: list[int] | range) -> str:
    return " ".join(f"{number} 0 R" for number in numbers)


def _text(text: str) -> str:
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"({escaped})"


def _file(objects: list[str]) -> bytes:
    """Objects numbered from 1; the last is the information about the file."""
    out = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += "".join(f"{offset:010d} 00000 n \n" for offset in offsets).encode()
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info {len(objects)} 0 R >>\n".encode()
    out += f"startxref\n{table}\n%%EOF\n".encode()
    return bytes(out)
