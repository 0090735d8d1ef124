"""What the site writes, made fit for readers elsewhere (HT-04)."""

import pytest

from federation.vocab.html import clean_outbound

BASE = "https://hub.example/partner/reports/wells/"


def test_relative_addresses_become_absolute() -> None:
    html = clean_outbound('<p><a href="/about/">a</a> <a href="../x/">b</a> <a href="#note">c</a></p>', BASE)
    assert 'href="https://hub.example/about/"' in html
    assert 'href="https://hub.example/partner/reports/x/"' in html
    assert f'href="{BASE}#note"' in html


def test_an_image_keeps_its_alternative_text_and_size() -> None:
    html = clean_outbound(
        '<p><img src="/media/a.jpg" alt="A well" width="800" height="600" class="full" loading="lazy"></p>', BASE
    )
    assert html == '<p><img src="https://hub.example/media/a.jpg" alt="A well" width="800" height="600"></p>'


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "ftp://a.example/", "tel:123"])
def test_a_link_elsewhere_than_to_the_web_keeps_only_its_words(address: str) -> None:
    assert clean_outbound(f'<p><a href="{address}">x</a></p>', BASE) == "<p>x</p>"


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:image/png;base64,AAAA", ""])
def test_an_image_that_is_not_on_the_web_is_left_out(address: str) -> None:
    assert clean_outbound(f'<p>a<img src="{address}" alt="x">b</p>', BASE) == "<p>ab</p>"


def test_mail_addresses_stay_links() -> None:
    assert 'href="mailto:a@hub.example"' in clean_outbound('<a href="mailto:a@hub.example">write</a>', BASE)


def test_headings_start_below_the_title() -> None:
    assert clean_outbound("<h1>A</h1><h2>B</h2><h6>C</h6>", BASE) == "<h2>A</h2><h2>B</h2><h6>C</h6>"


def test_parameters_that_follow_readers_are_removed() -> None:
    html = clean_outbound('<a href="https://a.example/?utm_source=x&id=5&fbclid=y&UTM_Medium=z">x</a>', BASE)
    assert 'href="https://a.example/?id=5"' in html


def test_scripts_styles_and_comments_are_removed() -> None:
    html = clean_outbound(
        "<!-- draft --><p style='color:red' onclick='x'>a</p><script>b</script><style>c</style>", BASE
    )
    assert html == "<p>a</p>"


def test_a_table_becomes_lines() -> None:
    html = clean_outbound("<table><tr><th>Year</th><th>Wells</th></tr><tr><td>2025</td><td>40</td></tr></table>", BASE)
    assert html == "<p>Year Wells</p><p>2025 40</p>"


def test_a_figure_keeps_its_caption() -> None:
    html = clean_outbound('<figure><img src="/a.jpg" alt="x"><figcaption>A well</figcaption></figure>', BASE)
    assert html.endswith("<p>A well</p>")


def test_a_profile_link_keeps_its_relation() -> None:
    assert 'rel="me noopener"' in clean_outbound('<a href="/" rel="me noopener">x</a>', BASE)


def test_text_as_long_as_a_book_is_not_lost() -> None:
    assert clean_outbound("<p>word</p>" * 30_000, BASE).count("<p>") == 30_000


def test_markup_that_no_page_has_is_an_error_not_an_empty_page() -> None:
    with pytest.raises(ValueError, match=r"^$"):
        clean_outbound("<b>" * 101, BASE)
