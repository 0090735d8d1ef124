"""Cleaning of strangers' HTML: nothing that runs, loads or pretends gets through, and what people wrote stays."""

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.vocab.html import clean_inbound, plain_text

TEXT_TAGS = ["p", "br", "span", "a", "abbr", "del", "s", "pre", "blockquote", "code", "b", "strong", "u", "sub", "sup"]
TAGS = frozenset([*TEXT_TAGS, "i", "em", "h1", "h2", "h3", "h4", "h5", "ul", "ol", "li", "ruby", "rt", "rp"])
ATTRIBUTES = frozenset(["href", "rel", "class", "title", "translate", "cite", "start", "reversed", "value", "lang"])
# Cross-site scripting as it is tried: plain, obfuscated, and made to change its meaning when parsed a second time.
ATTACKS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<script/>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src=javascript:alert(1)>",
    '<img """><script>alert("XSS")</script>">',
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
    '<svg><foreignObject><iframe srcdoc="<script>alert(1)</script>"></iframe></foreignObject></svg>',
    '<math><mi xlink:href="javascript:alert(1)">x</mi></math>',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<style><style/><img src=x onerror=alert(1)></style>",
    "<xmp><p title='</xmp><img src=x onerror=alert(1)>'>",
    "<noembed><img src=x onerror=alert(1)></noembed>",
    "<textarea><img src=x onerror=alert(1)></textarea>",
    "<title><img src=x onerror=alert(1)></title>",
    "<template><script>alert(1)</script></template>",
    "<plaintext><script>alert(1)</script>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href="JaVaScRiPt:alert(1)">x</a>',
    '<a href="&#106;avascript:alert(1)">x</a>',
    '<a href="java\tscript:alert(1)">x</a>',
    '<a href="\x01javascript:alert(1)">x</a>',
    '<a href=" javascript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<a href="vbscript:alert(1)">x</a>',
    '<a href="//evil.example/">x</a>',
    '<a href="https://user:secret@evil.example/">x</a>',
    '<a href="https://good.example\\@evil.example/">x</a>',
    '<a href="https://a.example/" onclick="alert(1)" style="position:fixed">x</a>',
    "<p style=\"background:url('javascript:alert(1)')\">x</p>",
    '<iframe src="https://evil.example/"></iframe>',
    '<object data="https://evil.example/x.swf"></object><embed src="https://evil.example/x.swf">',
    '<meta http-equiv="refresh" content="0;url=https://evil.example/"><base href="https://evil.example/">',
    '<link rel="stylesheet" href="https://evil.example/x.css">',
    '<form action="https://evil.example/"><input name="q"><button>go</button></form>',
    '<video src="https://evil.example/x.mp4" onerror="alert(1)"><source src="x"></video>',
    "<details open ontoggle=alert(1)>x</details>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<body onload=alert(1)><p>x</p>",
    '<p class="admin-header w-fixed h-card">x</p>',
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<!-- --!><img src=x onerror=alert(1)> -->",
    "<?xml version='1.0'?><script>alert(1)</script>",
    "<<script>alert(1)//<</script>",
    "<a href='https://a.example/'<script>alert(1)</script>>x</a>",
    "<p title='`'><a title='`' onmouseover='alert(1)'>x</a></p>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&amp;lt;script&amp;gt;alert(1)",
]


class Inspector(HTMLParser):
    """What a reader finds: elements, attributes, addresses, and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: dict[str, set[str]] = {}
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, set()).add(value or "")

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_comment(self, data: str) -> None:
        self.tags.add("comment")


def assert_harmless(html: str) -> None:
    found = Inspector(html)
    assert found.tags <= TAGS
    assert found.attributes.keys() <= ATTRIBUTES
    for name in ("href", "cite"):
        for address in found.attributes.get(name, ()):
            assert address.startswith(("https://", "http://"))
            assert "@" not in address.partition("//")[2].partition("/")[0]


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_that_runs_or_loads_gets_through(attack: str) -> None:
    assert_harmless(clean_inbound(attack))


@pytest.mark.parametrize("attack", ATTACKS)
def test_cleaning_twice_changes_nothing(attack: str) -> None:
    once = clean_inbound(attack)
    assert clean_inbound(once) == once


@given(
    st.lists(
        st.sampled_from(ATTACKS)
        | st.text(alphabet="<>/='\"&;ab pscriptmathvg!-", max_size=30)
        | st.sampled_from(["<p>", "</p>", "<li>"])
    )
)
@settings(max_examples=150, deadline=None)
def test_no_mixture_of_attacks_gets_through(parts: list[str]) -> None:
    assert_harmless(clean_inbound("".join(parts)))


@pytest.mark.parametrize(
    "tag",
    [
        "script",
        "style",
        "iframe",
        "svg",
        "math",
        "form",
        "template",
        "noscript",
        "object",
        "select",
        "textarea",
        "video",
    ],
)
def test_some_elements_go_with_what_is_in_them(tag: str) -> None:
    assert clean_inbound(f"<p>before <{tag}>secret</{tag}>after</p>") == "<p>before after</p>"


def test_a_dropped_element_inside_itself_ends_with_the_outer_one() -> None:
    assert clean_inbound("<svg><svg>a</svg>b</svg><p>c</p>") == "<p>c</p>"


def test_an_empty_drawing_takes_nothing_with_it() -> None:
    assert clean_inbound("<p><svg/>after</p>") == "<p>after</p>"


def test_other_elements_are_taken_off_and_their_words_stay_apart() -> None:
    assert clean_inbound("<div>one</div><section>two</section><font>three</font>") == "one two three"


def test_a_table_leaves_its_words() -> None:
    assert clean_inbound("<table><tr><td>one</td><td>two</td></tr></table>") == "one two"


def test_ordinary_markup_stays() -> None:
    html = (
        '<h2>Title</h2><p lang="fr" class="h-entry">A <strong>b</strong> <em>c</em> <code>d</code><br>e</p>'
        '<ol start="3" reversed="reversed"><li value="2">x</li></ol><blockquote cite="https://a.example/">q</blockquote>'
    )
    assert clean_inbound(html) == html


def test_a_link_is_marked_as_a_strangers() -> None:
    html = clean_inbound('<a href="https://a.example/" rel="me opener tag" target="_blank">x</a>')
    assert html == '<a href="https://a.example/" rel="tag nofollow noopener ugc">x</a>'


def test_of_two_equal_attributes_the_first_counts() -> None:
    html = clean_inbound('<a href="https://a.example/" href="https://b.example/">x</a>')
    assert 'href="https://a.example/"' in html


def test_a_mention_keeps_what_makes_it_one() -> None:
    link = '<a href="https://a.example/@b" class="u-url mention evil">@<span>b</span></a>'
    html = clean_inbound(f'<span class="h-card" translate="no">{link}</span>')
    assert 'class="u-url mention"' in html
    assert '<span class="h-card" translate="no">' in html


def test_an_image_becomes_a_link_with_its_alternative_text() -> None:
    html = clean_inbound('<p><img src="https://a.example/i.png" alt="A well"></p>')
    assert html == '<p><a href="https://a.example/i.png" rel="nofollow noopener ugc">[🖼 A well]</a></p>'


def test_an_image_inside_a_link_becomes_its_words() -> None:
    html = clean_inbound('<a href="https://a.example/"><img src="https://a.example/i.png" alt="A well"></a>')
    assert html == '<a href="https://a.example/" rel="nofollow noopener ugc">[🖼 A well]</a>'


def test_unclosed_elements_are_closed() -> None:
    assert (
        clean_inbound("<p>one<p>two <b>bold<ul><li>a<li>b")
        == "<p>one</p><p>two <b>bold</b></p><ul><li>a</li><li>b</li></ul>"
    )


def test_two_hundred_unclosed_paragraphs_are_not_deep() -> None:
    assert clean_inbound("<p>x" * 200).count("<p>") == 200


def test_more_than_a_hundred_levels_become_empty_text() -> None:
    assert clean_inbound("<b><i>" * 50 + "x") != ""
    assert clean_inbound("<b><i>" * 51 + "x") == ""


def test_too_many_characters_become_empty_text() -> None:
    assert clean_inbound("x" * 262_144) != ""
    assert clean_inbound("x" * 262_145) == ""


def test_text_with_signs_stays_text() -> None:
    assert clean_inbound("I <3 you & 2 < 3") == "I &lt;3 you &amp; 2 &lt; 3"


def test_a_tag_cut_off_at_the_end_is_left_out() -> None:
    assert clean_inbound('<p>one <a href="https://a.exa') == "<p>one </p>"


def test_an_error_inside_the_cleaner_becomes_empty_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(html: str, rules: object) -> str:
        raise RuntimeError

    monkeypatch.setattr("federation.vocab.html.rewrite", broken)
    assert clean_inbound("<p>x</p>") == ""


def test_the_guard_works_even_if_the_rewriting_fails_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("federation.vocab.html.rewrite", lambda html, rules: html)
    assert_harmless(clean_inbound('<p onclick="x">a<img src=x onerror=y><a href="javascript:x">b</a></p>'))


def test_plain_text_is_the_words_on_one_line() -> None:
    assert plain_text("<p>One &amp; two</p>\n<p>three<br>four</p><script>five</script>") == "One & two three four"


def test_plain_text_of_plain_text_is_itself() -> None:
    assert plain_text("Wells & rights: 2 < 3") == "Wells & rights: 2 < 3"
