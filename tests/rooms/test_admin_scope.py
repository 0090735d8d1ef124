"""An editor never reads in the admin what another organisation has not published: not by a number in an address, not in
a list, not in an error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoDbBlocker
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page

from cms.models import CustomDocument, CustomImage, NewsPage, OrganisationPage, User
from cms.partners import FILE_PERMISSIONS, PAGE_PERMISSIONS
from tests.factories.cms_media import make_document, make_image, make_private_collection
from tests.factories.cms_pages import home_page, make_news, make_organisation, publish
from tests.factories.cms_people import make_admin, make_editor, make_user
from tests.factories.made_once import afresh, made_once
from tests.factories.neighbour import MARK, Neighbour, Street, admin_addresses, make_street

pytestmark = pytest.mark.django_db
_ASKING = tuple(
    f"/admin/{part}/"
    for part in ("bulk", "choose-page", "reports", "api", "pages/search", "images/chooser", "documents/chooser")
)


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Street]:
    with made_once(django_db_blocker):
        yield make_street()


@pytest.fixture
def street(made: Street) -> Street:
    return afresh(made)


@pytest.fixture
def them(street: Street) -> Neighbour:
    return street.them


@pytest.fixture
def mine(street: Street) -> OrganisationPage:
    return street.mine


@pytest.fixture
def editor(street: Street) -> Client:
    return _as(street.editor)


def _as(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def _make_coordinator() -> User:
    """Somebody who looks after all organisations in all languages, and is no superuser."""
    group = Group.objects.create(name="Coordinators")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    for permission in Permission.objects.filter(content_type__app_label="wagtailcore", codename__in=PAGE_PERMISSIONS):
        for front_page in Page.objects.filter(depth=2):
            GroupPagePermission.objects.create(group=group, page=front_page, permission=permission)
    for app, codename in FILE_PERMISSIONS:
        permission = Permission.objects.get(content_type__app_label=app, codename=codename)
        root = Collection.get_first_root_node()
        GroupCollectionPermission.objects.create(group=group, collection=root, permission=permission)
    user = make_user()
    user.groups.add(group)
    return user


def _text(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return f"{response.headers} {content.decode(errors='replace')}"


def _tells(text: str, them: Neighbour) -> bool:
    """Also by the address of a draft, which is made from its title."""
    return MARK.lower() in text.lower() or str(them.document.uuid) in text


def _queries(address: str, them: Neighbour) -> Iterator[str]:
    """What else one may put into an address that lists, searches, chooses or acts."""
    yield ""
    if address.startswith(_ASKING) and not any(letter.isdigit() for letter in address):
        pages = "&".join(f"id={page.pk}" for page in (them.draft, them.renamed, them.private))
        files = f"id={them.image.pk}&id={them.document.pk}&id={them.editor.pk}"
        yield from (f"?{pages}", f"?{files}", f"?q={MARK[:-3]}", f"?page_type=cms.newspage&{pages}")
        yield from ("?id=all", f"?id=all&childOf={them.organisation.pk}", "?export=csv")


@pytest.mark.slow
def test_no_address_of_the_admin_tells_what_a_neighbour_has(editor: Client, them: Neighbour) -> None:
    """Every address that Wagtail and we have, with the neighbour's numbers. Fails without the middleware, the narrowed
    actions, the narrowed API or the hidden titles of drafts; each was taken away in turn."""
    asked = [f"{path}{query}" for path in admin_addresses(them) for query in _queries(path, them)]
    assert len(asked) > 300
    assert [address for address in asked if _tells(_text(editor.get(address)), them)] == []


@pytest.mark.parametrize(
    "name",
    ["usage", "edit", "copy", "history", "view_draft", "privacy", "workflow_history", "move", "unpublish", "delete"],
)
@pytest.mark.parametrize("whose", ["draft", "renamed", "private"])
def test_somebody_elses_page_is_not_found(editor: Client, them: Neighbour, name: str, whose: str) -> None:
    """Fails without the middleware."""
    name = {"privacy": "set_privacy"}.get(name, name)
    address = reverse(f"wagtailadmin_pages:{name}", args=[getattr(them, whose).pk])
    assert editor.get(address).status_code == 404


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        ("wagtailimages:edit", "image"),
        ("wagtailimages:image_usage", "image"),
        ("wagtailimages_chooser:select_format", "image"),
        ("wagtaildocs:edit", "document"),
        ("wagtaildocs:document_usage", "document"),
    ],
)
def test_somebody_elses_file_is_not_found(editor: Client, them: Neighbour, name: str, whose: str) -> None:
    """Fails without the middleware."""
    assert editor.get(reverse(name, args=[getattr(them, whose).pk])).status_code == 404


@pytest.mark.parametrize("action", ["move", "publish", "delete"])
def test_an_action_on_somebody_elses_pages_is_not_found(editor: Client, them: Neighbour, action: str) -> None:
    """Fails without the narrowed actions."""
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", action])
    assert editor.get(f"{address}?id={them.draft.pk}").status_code == 404


@pytest.mark.parametrize(("model", "make"), [("customimage", make_image), ("customdocument", make_document)])
def test_an_action_on_files_of_a_private_collection_is_not_found(editor: Client, model: str, make: Any) -> None:
    """Fails without the narrowed actions."""
    file = make(title=MARK, collection=make_private_collection())
    assert editor.get(f"/admin/bulk/cms/{model}/delete/?id={file.pk}").status_code == 404


def test_an_action_on_own_pages_and_others_goes_on_with_the_own(
    editor: Client, mine: OrganisationPage, them: Neighbour
) -> None:
    """Fails if the narrowed action forgets the own ones."""
    own = make_news(mine, title="Our own piece")
    text = _text(editor.get(f"/admin/bulk/wagtailcore/page/delete/?id={own.pk}&id={them.draft.pk}"))
    assert ("Our own piece" in text, MARK in text) == (True, False)


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("/admin/pages/{own}/copy/", "new_parent_page"),
        ("/admin/pages/create/cms/newspage", "parent_page"),
        ("/admin/bulk/wagtailcore/page/move/?id={own}", "chooser"),
    ],
)
def test_a_refused_destination_is_not_called_by_its_title(
    editor: Client, mine: OrganisationPage, them: Neighbour, address: str, field: str
) -> None:
    """Wagtail's errors name the page that was sent. Fails if only addresses are looked at."""
    make_organisation()
    path = address.format(own=make_news(mine).pk)
    data = {field: them.draft.pk, "new_title": "Copy", "new_slug": "copy"}
    assert not _tells(_text(editor.post(path, data)), them)


@pytest.mark.parametrize("kind", ["private", "renamed"])
def test_typing_the_address_of_a_page_tells_no_hidden_title(editor: Client, them: Neighbour, kind: str) -> None:
    """Wagtail turns such an address into a link to the page. Fails if its answer is passed on as it is."""
    page = getattr(them, kind)
    data = {"external-link-chooser-url": page.full_url, "external-link-chooser-link_text": "x"}
    assert not _tells(_text(editor.post(reverse("wagtailadmin_choose_page_external_link"), data)), them)


def test_typing_the_address_of_a_public_page_makes_a_link_to_it(editor: Client) -> None:
    """Fails if every answer is refused."""
    page = make_news(title="For everybody")
    data = {"external-link-chooser-url": page.full_url, "external-link-chooser-link_text": "x"}
    answer = editor.post(reverse("wagtailadmin_choose_page_external_link"), data).json()
    assert answer["result"]["adminTitle"] == "For everybody"


def test_the_chooser_opens_at_a_page_that_the_editor_may_see(editor: Client, them: Neighbour) -> None:
    """Wagtail opens it at the page above all reports. Fails if it is left to."""
    section = OrganisationPage.objects.get(pk=them.organisation.pk).get_children().first()
    type(section).objects.filter(pk=section.pk).update(title=MARK, draft_title=MARK, live=False)
    NewsPage.objects.exclude(pk=them.draft.pk).delete()
    text = _text(editor.get(reverse("wagtailadmin_choose_page"), {"page_type": "cms.NewsPage"}))
    assert not _tells(text, them)


def test_an_editor_chooses_own_drafts_and_public_pages_of_others(editor: Client, mine: OrganisationPage) -> None:
    """Fails if the middleware refuses what the chooser offers."""
    draft, public = make_news(mine, title="Own draft", live=False), make_news(title="Public")
    address = f"{reverse('wagtailadmin_choose_page_chosen_multiple')}?id={draft.pk}&id={public.pk}"
    assert {page["adminTitle"] for page in editor.get(address).json()["result"]} == {"Own draft", "Public"}
    assert editor.get(reverse("wagtailadmin_choose_page_child", args=[public.get_parent().pk])).status_code == 200


def test_an_editor_may_still_open_everything_of_the_own(editor: Client, mine: OrganisationPage) -> None:
    """Fails if the middleware refuses too much."""
    page = make_news(mine)
    image, document = make_image(collection=mine.collection), make_document(collection=mine.collection)
    pages = [reverse(f"wagtailadmin_pages:{name}", args=[page.pk]) for name in ("edit", "usage", "copy", "history")]
    files = [reverse("wagtailimages:edit", args=[image.pk]), reverse("wagtaildocs:edit", args=[document.pk])]
    listed = [reverse("wagtailadmin_api:documents:detail", args=[document.pk]), "/admin/api/main/images/"]
    assert {editor.get(address).status_code for address in pages + files + listed} == {200}


@pytest.mark.parametrize("make", [make_admin, _make_coordinator])
def test_those_who_look_after_everything_keep_everything(them: Neighbour, make: Any) -> None:
    """Fails if the rules for partners are applied to all."""
    client = _as(make())
    addresses = [
        reverse("wagtailadmin_pages:edit", args=[them.draft.pk]),
        reverse("wagtailadmin_choose_page_child", args=[them.draft.pk]),
        f"{reverse('wagtailadmin_choose_page_chosen_multiple')}?id={them.draft.pk}",
        reverse("wagtailadmin_reports:page_types_usage"),
        f"/admin/bulk/wagtailcore/page/publish/?id={them.draft.pk}",
        f"/admin/bulk/cms/customimage/add_tags/?id={them.image.pk}",
        reverse("wagtailimages:edit", args=[them.image.pk]),
        "/admin/api/main/documents/",
    ]
    assert [address for address in addresses if MARK not in _text(client.get(address))] == []


@pytest.mark.parametrize(
    "report",
    [
        "wagtailadmin_reports:page_types_usage",
        "wagtailadmin_reports:site_history",
        "wagtail_localize:translations_report",
    ],
)
@pytest.mark.parametrize(("coordinates", "shown"), [(False, False), (True, True)])
def test_a_report_on_everything_is_for_those_who_may_see_everything(
    mine: OrganisationPage, report: str, coordinates: bool, shown: bool
) -> None:
    """Fails if the menu leads partners to an address that is closed to them, or the address is open."""
    client = _as(_make_coordinator() if coordinates else make_editor(mine))
    address = reverse(report)
    assert (address in _text(client.get(reverse("wagtailadmin_home")))) is shown
    assert (client.get(address).status_code == 200) is shown


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("submit_page_translation", "page_id"),
        ("update_translations", "translation_source_id"),
        ("download_pofile", "translation_id"),
        ("preview_translation", "translation_id"),
        ("convert_to_alias", "page_id"),
    ],
)
def test_somebody_elses_translation_is_not_found(editor: Client, them: Neighbour, name: str, number: str) -> None:
    """Fails without the middleware's look at what a translation belongs to."""
    address = reverse(f"wagtail_localize:{name}", args=them.numbers[number])
    assert editor.get(address).status_code == 404


@pytest.mark.parametrize("below", ["home", "somebody else"])
def test_an_editor_translates_nothing_but_the_own(editor: Client, mine: OrganisationPage, below: str) -> None:
    """Wagtail Localize asks only whether somebody may translate at all. Fails without the middleware."""
    page = home_page() if below == "home" else make_organisation()
    answers = [
        editor.get(reverse("wagtail_localize:submit_page_translation", args=[one.pk])).status_code
        for one in (mine, page)
    ]
    assert answers == [200, 404]


def test_a_stranger_is_sent_to_the_login_as_ever(client: Client, them: Neighbour) -> None:
    """Fails if the middleware answers those whom Wagtail turns away itself."""
    address = reverse("wagtailadmin_pages:edit", args=[them.draft.pk])
    assert client.get(address).headers["Location"].startswith(reverse("wagtailadmin_login"))


@pytest.mark.parametrize("number", ["9" * 40, "1.5", "١", "all"])
def test_a_number_that_is_none_is_not_found(editor: Client, number: str) -> None:
    """Fails if the database is asked for it."""
    assert editor.get(f"/admin/choose-page/chosen-multiple/?id={number}").status_code == 404


# What a live page is called while somebody changes its title


def test_lists_call_a_live_page_by_its_public_title_until_the_new_one_is_published() -> None:
    """Fails if Wagtail's title of the draft is kept, or if the old one stays after publishing."""
    page = make_news(title="Old")
    page.title = "New"
    revision = page.save_revision()
    assert NewsPage.objects.get(pk=page.pk).get_admin_display_title() == "Old"
    assert page.get_latest_revision_as_object().get_admin_display_title() == "New"
    revision.publish()
    assert NewsPage.objects.get(pk=page.pk).get_admin_display_title() == "New"


def test_lists_call_a_page_that_was_never_out_by_the_title_of_its_draft() -> None:
    """Fails if the rule for live pages is applied to drafts."""
    page = make_news(title="Old", live=False)
    page.title = "New"
    page.save_revision()
    assert NewsPage.objects.get(pk=page.pk).get_admin_display_title() == "New"
    assert publish(page).get_admin_display_title() == "New"


def test_what_a_coordinator_lent_to_others_tells_not_what_they_do_with_it(
    editor: Client, mine: OrganisationPage, them: Neighbour
) -> None:
    """Wagtail lists who uses a file. Fails if it names what the user may not open."""
    image = make_image(collection=mine.collection)
    them.draft.lead_image = image
    them.draft.save()
    for address in (reverse("wagtailimages:image_usage", args=[image.pk]), f"/admin/images/{image.pk}/delete/"):
        assert not _tells(_text(editor.get(address)), them)


def test_files_of_two_kinds_with_one_number_are_kept_apart(editor: Client, mine: OrganisationPage) -> None:
    """Fails if the middleware looks for a document among the images."""
    image = make_image(collection=mine.collection)
    CustomDocument.objects.filter(pk=make_document().pk).update(id=image.pk)
    assert CustomImage.objects.filter(pk=image.pk).exists()
    assert editor.get(reverse("wagtaildocs:edit", args=[image.pk])).status_code == 404
