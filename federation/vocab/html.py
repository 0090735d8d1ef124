"""Cleans HTML: what strangers send before it is stored or shown, and what the site writes before it goes out. The only
file that knows bleach, so that it can be replaced. Not for an inbox request: a page costs milliseconds (HT-03).

``markup`` first rewrites the text into a small well-formed subset; bleach then decides, by lists of its own, what may
stay. Either alone would have to be right; together one of them may be wrong."""

from __future__ import annotations

import re
import threading
from html import escape
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

from bleach.sanitizer import Cleaner

from .markup import Attributes, Rules, TooMuchError, rewrite, start_tag, text_of
from .values import MAX_ADDRESS, is_language, split

MAX_HTML = 262_144  # characters (HT-02)
# bleach's tree builder copies the text so far at every "&": beyond this product of signs and length it takes seconds.
_MAX_WORK = 1_000_000_000
_MAX_WORDS = 500

_CLASS = re.compile(r"(?:h|p|u|dt|e)-[a-z0-9-]{1,40}|mention|hashtag|ellipsis|invisible|quote-inline")
_TRACKING = re.compile(r"(?:utm_[a-z]+|fbclid|gclid|dclid|msclkid|mc_cid|mc_eid|igshid|yclid)=", re.IGNORECASE)

_INLINE = ["a", "abbr", "b", "br", "code", "del", "em", "i", "s", "span", "strong", "sub", "sup", "u"]
_BLOCK = ["blockquote", "h2", "h3", "h4", "h5", "li", "ol", "p", "pre", "ruby", "rp", "rt", "ul"]
_INBOUND_TAGS = frozenset([*_INLINE, *_BLOCK, "h1"])
_OUTBOUND_TAGS = frozenset([*_INLINE, *_BLOCK, "h6", "img"])
_ATTRIBUTES = {
    "*": ["lang"],
    "a": ["href", "rel", "class", "title", "translate"],
    "abbr": ["title"],
    "blockquote": ["cite"],
    "li": ["value"],
    "ol": ["start", "reversed"],
    "p": ["class"],
    "span": ["class", "translate"],
}
_IMAGE_ATTRIBUTES = ["src", "alt", "title", "width", "height"]


def clean_inbound(html: str) -> str:
    """The safe part of a stranger's HTML (HT-01, the set that Mastodon shows): links to http and https only, images as
    links with their alternative text. Anything too long, too deep, or that breaks the cleaner becomes empty text."""
    if len(html) > MAX_HTML:
        return ""
    try:
        return _guard("inbound", rewrite(html, _INBOUND))
    except Exception:  # noqa: BLE001
        # Whatever goes wrong inside two parsers, the answer is the same: an uncaught error of a cleaner was a denial of
        # service elsewhere (Mastodon GHSA-qrgq-9fx2-vf2r), and showing the text uncleaned is no option.
        return ""


def clean_outbound(html: str, base_url: str) -> str:
    """What the site wrote, in the subset that readers of long texts agree on (FEP-b2b8): headings from h2 down,
    absolute addresses, no scripts, no tracking parameters. Raises ValueError for more
    markup than any page has."""
    rules = Rules(
        keep=_OUTBOUND_TAGS,
        rename={"h1": "h2", "figcaption": "p", "tr": "p", "caption": "p", "strike": "del", "tt": "code"},
        attributes=lambda tag, given: _outbound_attributes(tag, given, base_url),
        image=lambda given, linked: _outbound_image(given, base_url),
        max_elements=50_000,
    )
    return _guard("outbound", rewrite(html, rules))


def plain_text(html: str) -> str:
    """The words alone, on one line, for names, previews and search; not safe as HTML without escaping."""
    return text_of(html[:MAX_HTML])


def paragraph(words: str) -> str:
    """Plain text as one paragraph of HTML."""
    return f"<p>{escape(words, quote=False)}</p>" if words else ""


_cleaners = threading.local()  # a Cleaner has state of its own: one for each thread, made once


def _guard(direction: str, shaped: str) -> str:
    if shaped.count("&") * len(shaped) > _MAX_WORK:
        raise TooMuchError
    cleaner: Cleaner | None = getattr(_cleaners, direction, None)
    if cleaner is None:
        cleaner = _new_cleaner(direction)
        setattr(_cleaners, direction, cleaner)
    return cleaner.clean(shaped).strip()


def _new_cleaner(direction: str) -> Cleaner:
    if direction == "inbound":
        return Cleaner(tags=_INBOUND_TAGS, attributes=_ATTRIBUTES, protocols={"http", "https"}, strip=True)
    attributes = {**_ATTRIBUTES, "img": _IMAGE_ATTRIBUTES}
    return Cleaner(tags=_OUTBOUND_TAGS, attributes=attributes, protocols={"http", "https", "mailto"}, strip=True)


def _inbound_attributes(tag: str, given: Attributes) -> Attributes | None:
    kept = _shared_attributes(tag, given)
    if tag == "a":
        href = given.get("href", "").strip()
        if split(href) is None:
            return None
        tagged = ["tag"] if "tag" in given.get("rel", "").split() else []
        kept = {"href": href, **kept, "rel": " ".join([*tagged, "nofollow", "noopener", "ugc"])}
    if tag == "blockquote" and split(given.get("cite", "")):
        kept["cite"] = given["cite"]
    return kept


def _outbound_attributes(tag: str, given: Attributes, base_url: str) -> Attributes | None:
    kept = _shared_attributes(tag, given)
    if tag == "a":
        href = _absolute(given.get("href", ""), base_url)
        if href is None:
            return None
        kept = {"href": href, **kept}
        if rel := [word for word in given.get("rel", "").split() if word.isalpha()]:
            kept["rel"] = " ".join(rel)
    if tag == "blockquote" and (cite := _absolute(given.get("cite", ""), base_url)):
        kept["cite"] = cite
    return kept


def _shared_attributes(tag: str, given: Attributes) -> Attributes:
    kept: Attributes = {}
    names = _ATTRIBUTES.get(tag, [])
    if is_language(given.get("lang", "")):
        kept["lang"] = given["lang"]
    if "class" in names and (classes := [word for word in given.get("class", "").split() if _CLASS.fullmatch(word)]):
        kept["class"] = " ".join(classes)
    if "title" in names and given.get("title"):
        kept["title"] = given["title"][:_MAX_WORDS]
    if "translate" in names and given.get("translate") == "no":
        kept["translate"] = "no"
    for name in ("start", "value"):
        if name in names and re.fullmatch(r"-?\d{1,6}", given.get(name, ""), re.ASCII):
            kept[name] = given[name]
    if "reversed" in names and "reversed" in given:
        kept["reversed"] = "reversed"
    return kept


def _inbound_image(given: Attributes, linked: bool) -> str:
    """A link, so that nothing is loaded from a stranger's server before somebody asks for it."""
    words = f"[🖼 {(given.get('alt') or '…').strip()[:_MAX_WORDS]}]"
    source = given.get("src", "").strip()
    if linked or split(source) is None:
        return escape(words, quote=False)
    attributes = {"href": source, "rel": "nofollow noopener ugc"}
    return f"{start_tag('a', attributes)}{escape(words, quote=False)}</a>"


def _outbound_image(given: Attributes, base_url: str) -> str:
    source = _absolute(given.get("src", ""), base_url)
    if source is None or split(source) is None:
        return ""
    sizes = {
        name: given[name] for name in ("width", "height") if re.fullmatch(r"\d{1,5}", given.get(name, ""), re.ASCII)
    }
    title = {"title": given["title"][:_MAX_WORDS]} if given.get("title") else {}
    return start_tag("img", {"src": source, "alt": given.get("alt", ""), **title, **sizes})


def _absolute(address: str, base_url: str) -> str | None:
    """``address`` from the site's root, without what only tells a third party where readers came from."""
    if not address.strip():
        return None
    try:
        parts = urlsplit(urljoin(base_url, address.strip()))
    except ValueError:
        return None
    if parts.scheme == "mailto":
        return urlunsplit(parts)
    found = urlunsplit(_without_tracking(parts))
    return found if len(found) <= MAX_ADDRESS and split(found) else None


def _without_tracking(parts: SplitResult) -> SplitResult:
    if not parts.query:
        return parts
    return parts._replace(query="&".join(pair for pair in parts.query.split("&") if not _TRACKING.match(pair)))


_INBOUND = Rules(
    keep=_INBOUND_TAGS,
    rename={"h6": "h5", "strike": "s"},
    attributes=_inbound_attributes,
    image=_inbound_image,
    max_elements=5_000,
)
