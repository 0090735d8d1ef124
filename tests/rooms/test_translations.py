"""Pages in several languages, translated with Wagtail Localize: where they lie, what of them goes out, and that neither
is decided by the page that they were made from."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from wagtail.models import Locale, Page
from wagtail_localize.fields import copy_synchronised_fields
from wagtail_localize.models import String, StringTranslation, Translation, TranslationSource
from wagtail_localize.operations import translate_object

from cms.addresses import find_page, page_address
from cms.keys import page_key
from cms.models import HomePage, NewsPage, OrganisationPage
from cms.models.rows import Correction
from cms.partners import take_back
from cms.translating.views import keep_draft
from federation.models import Activity, PublishedObject
from federation.outbox import reconcile
from federation.vocab.kinds import Kind
from tests.factories.cms_pages import home_page, make_news, make_organisation, publish
from tests.factories.cms_people import make_admin, make_editor
from tests.factories.page_shapes import every_type

pytestmark = pytest.mark.django_db
Commit = Callable[..., Any]


@pytest.fixture
def german(settings: LazySettings) -> Locale:
    """A site in English and German."""
    settings.WAGTAIL_CONTENT_LANGUAGES = [("en", "English"), ("de", "German")]
    settings.WAGTAIL_I18N_ENABLED = True
    locale = Locale.objects.create(language_code="de")
    in_language(home_page(), locale, "Startseite")
    return locale


@pytest.fixture
def organisation(german: Locale) -> OrganisationPage:
    """One that has a page in both languages."""
    page = make_organisation("Aspen Watch")
    in_language(page, german, "Espenwacht")
    return page


def in_language(page: Any, locale: Locale, title: str, **changes: Any) -> Any:
    """Translated and published as an editor does in the page's own form."""
    translate_object(page, [locale])
    return publish(page.get_translation(locale).specific, title=title, **changes)


def by_sentence(page: Any, locale: Locale, words: dict[str, str]) -> Translation:
    """Kept in step with its source; ``words`` are translations by field."""
    if not page.has_translation(locale):
        translate_object(page, [locale])
    translation = Translation.objects.get(source__object_id=page.translation_key, target_locale=locale)
    translation.enabled = True
    translation.save()
    for field, text in words.items():
        segment = translation.source.stringsegment_set.get(context__path=field)
        StringTranslation.objects.create(
            translation_of=segment.string, locale=locale, context=segment.context, data=text
        )
    return translation


def tell() -> None:
    while reconcile.drain(timezone.now()):
        pass


def kinds(page: Any) -> list[str]:
    """What was sent about a page, in order."""
    activities = Activity.objects.filter(object__key=page_key(page.pk)).order_by("created")
    return [activity.kind for activity in activities]


# Where a page lies


def test_a_page_in_another_language_lies_below_its_tag(organisation: OrganisationPage, german: Locale) -> None:
    """Fails with Wagtail's addresses and no prefix: both versions would have one."""
    page = organisation.get_translation(german)
    assert (page_address(organisation), page_address(page)) == (
        "https://hub.example/aspen-watch/", "https://hub.example/de/aspen-watch/",
    )  # fmt: skip


@pytest.mark.parametrize("screen", ["en", "en-gb", "de", "de-at", "es"])
def test_an_address_does_not_depend_on_who_asks(organisation: OrganisationPage, german: Locale, screen: str) -> None:
    """Fails with Django's own prefix: whoever reads the admin in Spanish would be told of /es/."""
    with override(screen):
        found = [page_address(organisation), page_address(organisation.get_translation(german))]
    assert found == ["https://hub.example/aspen-watch/", "https://hub.example/de/aspen-watch/"]


def test_each_address_shows_its_own_language(client: Client, organisation: OrganisationPage) -> None:
    english, german = (client.get(path).content.decode() for path in ("/aspen-watch/", "/de/aspen-watch/"))
    assert ('lang="en"' in english, 'lang="de"' in german) == (True, True)
    assert ("Espenwacht" in english, "Espenwacht" in german) == (False, True)
    assert ('href="/#latest"' in english, 'href="/de/#latest"' in german) == (True, True)


@pytest.mark.parametrize("path", ["/aspen-watch/", "/de/aspen-watch/"])
def test_a_page_is_the_same_in_every_browser(client: Client, organisation: OrganisationPage, path: str) -> None:
    """One answer is kept for all. Fails with Django's middleware, which follows the browser."""
    answers = [client.get(path, headers={"accept-language": language}) for language in ("en", "de", "es")]
    assert len({answer.content for answer in answers}) == 1
    assert "accept-language" not in answers[0].get("Vary", "").lower()


def test_while_a_language_is_hidden_its_addresses_lead_nowhere(client: Client, organisation: OrganisationPage) -> None:
    """Wagtail would serve the English page there. Fails if the hook does not look at the prefix."""
    home_page().get_translation(Locale.objects.get(language_code="de")).unpublish()
    make_news(organisation, slug="only-english")
    assert [client.get(path).status_code for path in ("/de/", "/de/aspen-watch/only-english/")] == [404, 404]


def test_a_page_is_found_by_the_address_of_its_language(organisation: OrganisationPage, german: Locale) -> None:
    """Fails if the prefix is taken for a part of the path."""
    page = organisation.get_translation(german)
    assert [find_page(page_address(each)).pk for each in (organisation, page)] == [organisation.pk, page.pk]


def test_the_sitemap_lists_all_languages(client: Client, organisation: OrganisationPage) -> None:
    text = client.get("/sitemap.xml").content.decode()
    assert ("/aspen-watch/" in text, "/de/aspen-watch/" in text) == (True, True)


def test_a_reader_finds_the_other_languages(client: Client, organisation: OrganisationPage) -> None:
    page = client.get("/aspen-watch/").content.decode()
    assert '<link rel="alternate" hreflang="de" href="https://hub.example/de/aspen-watch/">' in page
    assert ">Deutsch</a>" in page


def test_a_language_that_is_hidden_is_not_offered(
    client: Client, organisation: OrganisationPage, german: Locale
) -> None:
    organisation.get_translation(german).unpublish()
    assert "Deutsch" not in client.get("/aspen-watch/").content.decode()


# What a translation begins with


def test_a_translation_of_a_shared_page_begins_as_a_draft_that_is_not_shared(
    organisation: OrganisationPage, german: Locale, django_capture_on_commit_callbacks: Commit
) -> None:
    """Fails with Wagtail Localize's own way: followers would get English words as German."""
    news = publish(make_news(organisation, title="Launch"), share=True)
    with django_capture_on_commit_callbacks(execute=True):
        translate_object(news, [german])
    draft = news.get_translation(german).specific
    assert (draft.live, draft.share) == (False, False)


def test_a_translated_organisation_keeps_handle_group_and_collection(
    organisation: OrganisationPage, german: Any
) -> None:
    page = organisation.get_translation(german)
    found = [(one.handle, one.editors_id, one.collection_id, one.publisher_key) for one in (organisation, page)]
    assert found[0] == found[1]


def test_an_organisation_that_was_an_alias_keeps_them_too(german: Locale) -> None:
    """Wagtail Localize makes aliases of what stands above. Fails if the alias's empty columns are taken for its own."""
    page = make_organisation("Birch Forum")
    news = make_news(page)
    translate_object(news, [german])
    alias = page.get_translation(german)
    assert alias.alias_of_id == page.pk
    translated = in_language(page, german, "Birkenforum")
    assert translated.pk == alias.pk
    assert [translated.handle, translated.editors_id, translated.collection_id] == [
        page.handle, page.editors_id, page.collection_id,
    ]  # fmt: skip


def test_what_a_translation_decided_is_not_written_over(organisation: OrganisationPage, german: Locale) -> None:
    """Fails without the fields' own rules."""
    news = publish(make_news(organisation), share=True, quotes="nobody", audience="quiet")
    news.corrections.add(Correction(text="A number"))
    news = publish(news)
    translated = in_language(news, german, "Auftakt")
    translated.corrections.set([Correction(text="Eine Zahl")])
    copy_synchronised_fields(news, translated)
    assert [translated.share, translated.quotes, translated.audience] == [False, "nobody", "quiet"]
    assert [row.text for row in translated.corrections.all()] == ["Eine Zahl"]
    translated.quotes = "anybody"
    copy_synchronised_fields(news, translated)
    assert translated.quotes == "anybody"


def test_nothing_asks_for_a_translation_of_the_handle(organisation: OrganisationPage, german: Locale) -> None:
    source = TranslationSource.objects.get(object_id=organisation.translation_key)
    paths = set(source.stringsegment_set.values_list("context__path", flat=True))
    assert "title" in paths
    assert not paths & {"handle", "languages", "author_hosts", "welcome_hosts"}


def test_what_lies_below_is_not_translated_along(
    client: Client, organisation: OrganisationPage, german: Locale, django_capture_on_commit_callbacks: Commit
) -> None:
    """Wagtail Localize would write over what is translated already, live as it is. Fails with its own view."""
    page = make_organisation("Birch Forum")
    news = make_news(page, title="Launch")
    in_language(news, german, "Auftakt")
    client.force_login(make_admin())
    address = reverse("wagtail_localize:submit_page_translation", args=[page.pk])
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(address, {"locales": [german.pk], "include_subtree": "on"})
    assert (answer.status_code, page.get_translation(german).alias_of_id) == (302, None)
    assert NewsPage.objects.get(locale=german, translation_key=news.translation_key).title == "Auftakt"


# Who may translate


def test_editors_of_older_organisations_may_translate_after_the_migration_and_not_after_its_undoing() -> None:
    """Those of a partner who has left get nothing. Fails if the migration forgets either."""
    here, gone = make_organisation(), make_organisation()
    take_back(gone)
    migration = import_module("cms.migrations.0007_translating")
    may = []
    for step in (migration.take_back, migration.allow, migration.take_back):
        step(apps, None)
        may.append([page.editors.permissions.filter(codename="submit_translation").exists() for page in (here, gone)])
    assert may == [[False, False], [True, False], [False, False]]


# Sentence by sentence


def test_translated_sentences_are_a_draft_until_the_page_is_published(
    organisation: OrganisationPage, german: Locale
) -> None:
    """Fails with Wagtail Localize's own button, which writes the page at once."""
    news = publish(make_news(organisation, title="Launch", summary="It starts."))
    live = in_language(news, german, "Alt")
    translation = by_sentence(news, german, {"title": "Auftakt", "summary": "Es beginnt."})
    revision = keep_draft(translation, make_admin())
    assert NewsPage.objects.get(pk=live.pk).title == "Alt"
    revision.publish()
    published = NewsPage.objects.get(pk=live.pk)
    assert (published.title, published.summary) == ("Auftakt", "Es beginnt.")


def test_the_button_leads_to_where_pages_are_checked(
    client: Client, organisation: OrganisationPage, german: Locale
) -> None:
    """Fails if Wagtail Localize answers it."""
    news = publish(make_news(organisation, title="Launch"))
    by_sentence(news, german, {"title": "Auftakt"})
    page = news.get_translation(german)
    client.force_login(make_editor(organisation))
    answer = client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), {"action": "publish"})
    assert answer["Location"].startswith(f"/admin/bulk/wagtailcore/page/publish/?id={page.pk}")
    assert not NewsPage.objects.get(pk=page.pk).live
    assert client.get(answer["Location"]).status_code == 200
    client.post(answer["Location"], {})
    assert (NewsPage.objects.get(pk=page.pk).live, NewsPage.objects.get(pk=page.pk).title) == (True, "Auftakt")


def test_an_update_from_the_source_publishes_nothing(
    client: Client, organisation: OrganisationPage, german: Locale, django_capture_on_commit_callbacks: Commit
) -> None:
    """Fails with Wagtail Localize's own form."""
    news = publish(make_news(organisation, title="Launch"))
    in_language(news, german, "Auftakt")
    translation = by_sentence(news, german, {"title": "Auftakt"})
    publish(news, title="Launch at last")
    client.force_login(make_admin())
    address = reverse("wagtail_localize:update_translations", args=[translation.source_id])
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(address, {"publish_translations": "on"})
    assert answer.status_code == 302
    assert news.get_translation(german).title == "Auftakt"
    assert String.objects.filter(data="Launch at last").exists()


def test_lists_call_a_live_translation_by_its_public_title(organisation: OrganisationPage, german: Locale) -> None:
    """Fails if Wagtail Localize's title of the draft is kept."""
    news = publish(make_news(organisation, title="Launch"))
    in_language(news, german, "Auftakt")
    by_sentence(news, german, {"title": "Geheim"})
    assert Page.objects.get(pk=news.get_translation(german).pk).get_admin_display_title() == "Auftakt"


def test_every_kind_of_page_goes_through_it_without_loss(german: Locale) -> None:
    """Nothing is translated yet, so the draft reads like its source. Fails if a block is unknown to it."""
    for page in every_type().values():
        if not isinstance(page, HomePage):
            draft = keep_draft(by_sentence(page, german, {}), None).as_object()
            assert draft.pk != page.pk
            if hasattr(page, "body"):
                assert str(draft.body) == str(page.body)


# What goes out


def test_each_language_is_an_object_of_its_own_by_the_same_actor(
    organisation: OrganisationPage, german: Locale
) -> None:
    news = publish(make_news(organisation, title="Launch"), share=True)
    translated = in_language(news, german, "Auftakt", share=True)
    tell()
    objects = [PublishedObject.objects.get(key=page_key(page.pk)) for page in (news, translated)]
    assert objects[0].uri != objects[1].uri
    assert objects[0].actor_id == objects[1].actor_id
    assert [kinds(news), kinds(translated)] == [[Kind.CREATE], [Kind.CREATE]]


def test_each_object_names_its_own_language_and_no_other(organisation: OrganisationPage, german: Locale) -> None:
    news = publish(make_news(organisation, title="Launch"), share=True)
    translated = in_language(news, german, "Auftakt", share=True)
    tell()
    found = {
        key: json.loads(bytes(PublishedObject.objects.get(key=page_key(page.pk)).document))
        for key, page in {"en": news, "de": translated}.items()
    }
    assert {key: list(one["contentMap"]) for key, one in found.items()} == {"en": ["en"], "de": ["de"]}
    assert [found["de"]["name"], found["de"]["url"]] == ["Auftakt", page_address(translated)]


def test_a_translation_that_nobody_shares_is_told_to_nobody(organisation: OrganisationPage, german: Locale) -> None:
    """Fails if it takes over that its source is shared."""
    news = publish(make_news(organisation), share=True)
    translated = in_language(news, german, "Auftakt")
    tell()
    assert [kinds(news), kinds(translated)] == [[Kind.CREATE], []]


@pytest.mark.parametrize("hidden", ["en", "de"])
def test_hiding_one_language_leaves_the_other(organisation: OrganisationPage, german: Locale, hidden: str) -> None:
    news = publish(make_news(organisation), share=True)
    pages = {"en": news, "de": in_language(news, german, "Auftakt", share=True)}
    tell()
    pages[hidden].unpublish()
    tell()
    found = {language: kinds(page) for language, page in pages.items()}
    assert found.pop(hidden) == [Kind.CREATE, Kind.DELETE]
    assert list(found.values()) == [[Kind.CREATE]]


def test_a_change_of_one_language_is_told_of_that_one(organisation: OrganisationPage, german: Locale) -> None:
    news = publish(make_news(organisation), share=True)
    translated = in_language(news, german, "Auftakt", share=True)
    tell()
    publish(translated, summary="Es beginnt heute.")
    tell()
    assert [kinds(news), kinds(translated)] == [[Kind.CREATE], [Kind.CREATE, Kind.UPDATE]]


def test_sentence_by_sentence_it_is_told_once(organisation: OrganisationPage, german: Locale) -> None:
    """From the first sentence to the second version."""
    news = publish(make_news(organisation, title="Launch"), share=True)
    translation = by_sentence(news, german, {"title": "Auftakt"})
    page = news.get_translation(german).specific
    tell()
    assert kinds(page) == []
    keep_draft(translation, None).publish()
    publish(NewsPage.objects.get(pk=page.pk), share=True)
    tell()
    keep_draft(translation, None).publish()
    tell()
    assert kinds(page) == [Kind.CREATE]
