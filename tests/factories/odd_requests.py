"""Everything odd that a request can carry, and a way to put it together by chance that is the same in every run."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from tests.factories.raw_requests import Sent

LONG = "a" * 3000
METHODS = ["GET"] * 8 + ["HEAD", "OPTIONS", "POST", "POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND"]
METHODS += ["get", "GÉT", "X" * 200]
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
AS2 = "application/activity+json"
RTL = "\u202eevil\u2066"
_SIGNED = 'keyId="https://peer.example/u#k",headers="(request-target) host date digest",signature="AAAA"'

QUERIES = [
    *("", "", "", "?", "?page=first", "?page=", "?page=%00", "?page=~~", f"?page={LONG}", "?page=1&page=2", "?page=-1"),
    *("?page=99999999999999999999", "?page=NaN", "?page=%FF%FE", "?page=WyJ4Il0~x", "?resource=", "?resource=acct:@@@"),
    *("?resource=acct:a@hub.example", "?resource=acct:hub.example@hub.example", "?resource=%00", "?resource=https://["),
    *(f"?resource=acct:{LONG}@hub.example", "?resource=https://hub.example/%00", "?resource=https://hub.example:x/"),
    *("?resource=https://hub.example/", "?resource=a&resource=b", f"?resource={quote(RTL)}", "?resource=%C3%28@x"),
    *("?next=//evil.example/", "?next=%00", "?next=javascript:1", "?return_url=https://evil.example/", "?%ff=%fe"),
    *("?" + "a=1&" * 11_000, "?a[b]=1", "?=&=&=", "?a=%", "?a=%zz", "?\x7f=\x01", "?ключ=знач", "?p=2&order=';--"),
    *(
        "?p=0",
        "?p=9999999999",
        "?q=%00",
        f"?q={LONG}",
        "?year=99999999999",
        "?country=%00",
        "?topic[]=1",
        "?cursor=%00",
    ),
]
VALUES: dict[str, list[str]] = {
    "Accept": [
        *("", "*", "*/*", AS2, BROWSER, "application/ld+json", "text/html;q=NaN", f"{AS2};q=1e999", ",,,,", ";;;", '"'),
        *('application/ld+json; profile="', "a" * 9000, "image/webp", f"{AS2};q=0,*/*;q=0", "text/html;q=0.0000000001"),
        *("text/html, " * 3000, "\x00", RTL, "application/activity+json\t;\tcharset=utf-16", "text/*;q=-1"),
    ],
    "Accept-Language": [
        "",
        "xx",
        "*",
        "en;q=abc",
        "a" * 9000,
        "en," * 2000,
        "zh-Hant-TW-x-" + "y" * 300,
        "\x00",
        "-;q=1",
    ],
    "Accept-Encoding": ["", "gzip;q=x", "br,gzip,zstd,*;q=0", "a" * 9000, "\x00"],
    "Range": ["bytes=0-", "bytes=-1", "bytes=9-1", "bytes=abc", "bytes=0-99999999999999999999", "bytes=0-1," * 500, ""],
    "If-Range": ['"x"', "Sat, 99 Foo 2026 99:99:99 GMT", ""],
    "If-None-Match": ["*", "", '"', 'W/"x', '"a", ' * 2000, "x" * 9000, '"\x00"', ",,,", 'W/W/"x"'],
    "If-Match": ["*", '"x"', "", "\x00"],
    "If-Modified-Since": [
        "",
        "x",
        "Sat, 99 Foo 2026 99:99:99 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "9" * 5000,
        "\x00",
    ],
    "If-Unmodified-Since": ["x", "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"],
    "Host": [
        "",
        "evil.example",
        "hub.example:99999",
        "hub.example:x",
        "[::1",
        "hub.example\x00",
        "a" * 9000,
        ".",
        "@",
        "é",
    ],
    "Content-Type": [
        *(
            "",
            "text/plain",
            AS2,
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "multipart/form-data; boundary=",
        ),
        *("multipart/form-data; boundary=x", "multipart/form-data; boundary=" + "b" * 300, "text/plain; charset=hex"),
        *(
            "text/plain; charset=utf-16",
            "application/x-www-form-urlencoded; charset=base64",
            "text/plain; charset=idna",
        ),
        *("text/plain; charset=\x00", "text/plain; charset*=utf-8''%00", "text/plain; a*=x; a*0=y", ";", "a" * 9000),
        *(
            "text/plain; charset=undefined",
            "text/plain; charset=punycode",
            "text/plain; charset=" + "x" * 3000,
            "/",
            RTL,
        ),
        *("text/plain; charset*=hex''utf-8", "text/plain; charset*=a'b'c", "text/plain; charset=unicode_escape"),
    ],
    "Content-Length": ["", "-1", "0", "1e3", "99999999999999999999999", "abc", "٣", "1,1", " 5 ", "0x10", "5" * 5000],
    "Transfer-Encoding": ["chunked", "gzip, chunked", "identity", "\x00", "chunked, chunked"],
    "Content-Encoding": ["gzip", "br", "\x00"],
    "Signature": [
        *("", "x", _SIGNED, _SIGNED.replace("AAAA", "!"), 'keyId="', "=" * 5000, "a" * 20_000, "sig1=:AAAA:", '"\x00"'),
        *(_SIGNED.replace("https://peer.example/u#k", "\x00"), _SIGNED.replace("host", "host host"), f'keyId="{RTL}"'),
        *(_SIGNED.replace("https://peer.example/u#k", "https://["), _SIGNED.replace("AAAA", "A" * 9000), ",,,"),
    ],
    "Signature-Input": [
        *("", "sig1=()", 'sig1=("@method");created=99999999999999999999;keyid="x"', "sig1=(" * 2000, 'sig1=("@method'),
        *('sig1=("@method" "@target-uri");created=NaN;keyid="https://peer.example/u#k"', "\x00", "a=" * 3000),
    ],
    "Digest": ["", "x", "SHA-256=", "SHA-256=!!!", "MD5=x," * 2000, "sha-256=\x00"],
    "Content-Digest": ["", "sha-256=::", "sha-256=:!:", "\x00", "sha-256=:AAAA:," * 500],
    "Date": ["", "x", "Sat, 99 Foo 2026 99:99:99 GMT", "9" * 5000, "Fri, 31 Dec 9999 23:59:59 -9999"],
    "Cookie": [
        *(
            "",
            "=",
            "a",
            ";" * 3000,
            "__Host-commonwire_hub_example_session=x",
            "__Host-commonwire_hub_example_csrf=\x00",
        ),
        *("__Host-commonwire_hub_example_session=" + "x" * 9000, 'a="\\', "__Host-commonwire_hub_example_session=%00"),
        *("__Host-commonwire_hub_example_session=\x00", "__Host-commonwire_hub_example_csrf=" + "c" * 64, "é=é"),
    ],
    "Authorization": ["Basic", "Basic !!!", "Bearer " + "x" * 9000, "\x00"],
    "Origin": ["null", "https://[", "https://evil.example", "\x00", "a" * 9000],
    "Referer": ["https://[", "x", "\x00", "https://hub.example:x/", "a" * 9000],
    "X-Forwarded-For": ["x", "1.2.3.4, " * 1000, "\x00"],
    "X-Forwarded-Proto": ["https", "javascript", "\x00", "https,http"],
    "X-Forwarded-Host": ["evil.example", "\x00", "a, b"],
    "Forwarded": ["for=_x;proto=https;host=evil", "\x00", ";;;"],
    "X-Requested-With": ["XMLHttpRequest"],
    "X-CSRFToken": ["", "x" * 64, "\x00", "é" * 64],
    "X-HTTP-Method-Override": ["DELETE", "\x00"],
    "Expect": ["100-continue", "x"],
    "Upgrade": ["websocket", "h2c"],
    "Max-Forwards": ["0", "x"],
}
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data; boundary=x"
BODIES: list[tuple[str, bytes]] = [
    (_FORM, b"username=%00&password=%00&csrfmiddlewaretoken=x"),
    (_FORM, b"password=secret&return_url=https://evil.example/"),
    (_FORM, b"password=%ff%fe&return_url=%00&next=%00"),
    (_FORM, b"a=1&" * 11_000),
    (_FORM, b"email=" + b"a" * 5000 + b"%40hub.example"),
    (_FORM, b"email=%00%40hub.example&new_password1=\xff"),
    (_FORM, b"\xff\xfe\x00" * 300),
    (_FORM, b"username=" + "e\u0301\u202e".encode() * 2000 + b"&password=x"),
    (_MULTIPART, b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n'),
    (_MULTIPART, b'--x\r\nContent-Disposition: form-data; name="password"; filename="\x00"\r\n\r\n' + b"1" * 9000),
    (
        _MULTIPART,
        b'--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64\r\n\r\n!\r\n--x--',
    ),
    (_MULTIPART, b"--x\r\n" * 3000),
    (_MULTIPART, b"--x\r\nContent-Disposition: form-data; name*=utf-8''%ff; filename*=x''%00\r\n\r\n1\r\n--x--\r\n"),
    (AS2, b'{"type": "Follow", "actor": "https://peer.example/u", "object": "https://hub.example/"}'),
    (AS2, b"[" * 5000),
    (AS2, b"x" * 1_100_000),
    ("", b"\x1f\x8b\x08\x00garbage"),
]
TAILS = [
    "%00",
    "/",
    "//",
    "/..%2f..%2fetc/passwd",
    "%2e%2e/",
    "%ff%fe",
    ";x=1",
    "%0d%0aX: y",
    "é",
    "%u0041",
    "%",
    ".json",
    "x" * 5000,
]


def odd_requests(paths: Sequence[str], seed: str, count: int) -> Iterator[Sent]:
    """``count`` requests to ``paths``, which are right or nearly so; each has one to three things wrong with it."""
    chance = random.Random(seed)
    for number in range(count):
        path = paths[number % len(paths)]
        if chance.random() < 0.15:
            path += chance.choice(TAILS)
        method = chance.choice(METHODS)
        headers = _headers(chance)
        body, length, chunked = b"", None, False
        if method not in ("GET", "HEAD") or chance.random() < 0.1:
            kind, body = chance.choice(BODIES)
            if not any(name == "Content-Type" for name, _ in headers):
                headers.append(("Content-Type", kind))
            length = chance.choice([None, None, None, "", "0", "-1", "7", "99999999", "٣"])
            chunked = chance.random() < 0.1
        yield Sent(method, path + chance.choice(QUERIES), tuple(headers), body, length, chunked)


def _headers(chance: random.Random) -> list[tuple[str, str]]:
    names = chance.sample(sorted(VALUES), chance.choice([1, 1, 2, 3]))
    if "Host" in names and chance.random() < 0.7:  # it ends a request before anything else is read
        names.remove("Host")
    headers = [(name, chance.choice(VALUES[name])) for name in names]
    if chance.random() < 0.5 and "Accept" not in names:
        headers.append(("Accept", chance.choice([AS2, BROWSER])))
    if chance.random() < 0.05:
        headers += [(f"X-Odd-{number}", "v" * 50) for number in range(300)]
    if chance.random() < 0.05:
        headers += headers
    return headers
