"""What comes into being with an organisation, and what its editors may do."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from wagtail.actions.convert_alias import ConvertAliasPageAction
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Locale, Site

from cms.handles import RESERVED, problem_with
from cms.models import CustomDocument, CustomImage, HandleClaim, OrganisationPage, SiteSettings
from cms.partners import claim_handle
from federation.contract import NullDesk
from tests.factories.cms_media import make_document, make_image
from tests.factories.cms_pages import home_page, make_news, make_organisation, make_section, publish
from tests.factories.cms_people import make_admin, make_editor

pytestmark = pytest.mark.django_db


class FullDesk(NullDesk):
    """Federation that remembers a handle of long ago."""

    def handle_is_free(self, handle: str, publisher: str) -> bool:
        return handle != "of_long_ago"


@pytest.fixture
def full_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cms.handles.desk", FullDesk)


def test_a_new_organisation_has_a_group_a_collection_and_a_handle() -> None:
    page = make_organisation("Civic Resilience Initiative", short_name="CRI")
    assert (page.handle, page.editors.name, page.collection.name) == (
        "cri",
        "Civic Resilience Initiative",
        "Civic Resilience Initiative",
    )


def test_its_editors_may_add_change_and_publish_below_it_and_nowhere_else() -> None:
    page = make_organisation()
    rows = GroupPagePermission.objects.filter(group=page.editors).values_list("page_id", "permission__codename")
    assert set(rows) == {(page.pk, "add_page"), (page.pk, "change_page"), (page.pk, "publish_page")}


def test_its_editors_may_use_the_own_collection_and_no_other() -> None:
    page = make_organisation()
    rows = GroupCollectionPermission.objects.filter(group=page.editors)
    assert set(rows.values_list("collection", flat=True)) == {page.collection_id}
    assert set(rows.values_list("permission__codename", flat=True)) == {
        "add_image",
        "change_image",
        "choose_image",
        "add_document",
        "change_document",
        "choose_document",
    }


def test_saving_again_makes_nothing_new() -> None:
    page = make_organisation()
    counted = (Group, Collection, GroupPagePermission, GroupCollectionPermission, HandleClaim)
    before = [model.objects.count() for model in counted]
    publish(page, summary="Other words")
    assert [model.objects.count() for model in counted] == before


def test_a_lost_permission_comes_back_on_the_next_save() -> None:
    page = make_organisation()
    GroupPagePermission.objects.filter(group=page.editors).delete()
    page.save()
    assert GroupPagePermission.objects.filter(group=page.editors).count() == 3


def test_group_and_collection_follow_a_rename() -> None:
    page = publish(make_organisation("Old name"), title="New name")
    assert (page.editors.name, page.collection.name) == ("New name", "New name")


def test_a_name_that_somebody_gave_the_group_by_hand_stays() -> None:
    page = make_organisation("Old name")
    Group.objects.filter(pk=page.editors_id).update(name="Our friends")
    assert publish(page, title="New name").editors.name == "Our friends"


def test_two_organisations_of_one_name_have_groups_and_handles_of_their_own() -> None:
    first, second = make_organisation("Namesake"), make_organisation("Namesake", slug="namesake-2")
    assert (first.handle, second.handle) == ("namesake", "namesake_2")
    assert first.editors_id != second.editors_id


def test_an_old_revision_cannot_bring_back_somebody_elses_group() -> None:
    mine, other = make_organisation(), make_organisation()
    mine.editors, mine.collection = other.editors, other.collection
    mine.save()
    mine = OrganisationPage.objects.get(pk=mine.pk)
    assert mine.editors_id != other.editors_id
    assert mine.collection_id != other.collection_id


def test_a_copy_is_an_organisation_of_its_own() -> None:
    page = make_organisation("Twin")
    copy = page.copy(update_attrs={"slug": "twin-2"}).specific
    assert copy.handle == "twin_2"
    assert (copy.editors_id == page.editors_id, copy.collection_id == page.collection_id) == (False, False)


def test_an_alias_owns_nothing() -> None:
    page = make_organisation()
    groups = Group.objects.count()
    page.create_alias(update_slug="second-address")
    assert Group.objects.count() == groups
    assert HandleClaim.objects.filter(handle=page.handle).count() == 1


def test_an_alias_that_becomes_a_page_is_an_organisation_of_its_own() -> None:
    page = make_organisation("Twin")
    alias = page.create_alias(update_slug="second-address").specific
    ConvertAliasPageAction(alias).execute(skip_permission_checks=True)
    twin = OrganisationPage.objects.get(pk=alias.pk)
    with pytest.raises(ValidationError, match="somebody else"):
        publish(twin)
    twin = publish(twin, handle="another_twin")
    assert twin.editors_id not in (None, page.editors_id)
    assert twin.collection_id not in (None, page.collection_id)


def test_a_draft_renames_nothing_and_takes_no_handle() -> None:
    page = make_organisation("As published")
    page.title, page.handle = "As drafted", "as_drafted"
    page.save_revision()
    assert Group.objects.filter(name="As published").exists()
    assert not HandleClaim.objects.filter(handle="as_drafted").exists()


def test_another_language_version_shares_handle_group_and_collection() -> None:
    german = Locale.objects.create(language_code="de")
    home_page().copy_for_translation(german)
    page = make_organisation()
    translation = page.copy_for_translation(german).specific
    assert (translation.handle, translation.editors_id, translation.collection_id) == (
        page.handle,
        page.editors_id,
        page.collection_id,
    )
    assert GroupPagePermission.objects.filter(group=page.editors, page=translation).count() == 3


def test_a_failure_leaves_nothing_behind() -> None:
    groups, collections = Group.objects.count(), Collection.objects.count()
    with pytest.raises(ValidationError):
        make_organisation(handle="Not A Handle")
    assert (Group.objects.count(), Collection.objects.count()) == (groups, collections)


# Handles


@pytest.mark.parametrize("handle", ["", "UPPER", "with-dash", "dot.ted", "x" * 31, "ē", "new\n"])
def test_a_handle_uses_only_letters_that_every_peer_accepts(handle: str) -> None:
    assert problem_with(handle, "organisation:x")


@pytest.mark.parametrize("handle", ["admin", "inbox", "instance", "relay"])
def test_a_reserved_handle_is_refused(handle: str) -> None:
    assert handle in RESERVED
    assert problem_with(handle, "organisation:x")


def test_a_handle_of_somebody_else_is_refused() -> None:
    make_organisation(handle="taken")
    with pytest.raises(ValidationError, match="somebody else"):
        make_organisation(handle="taken")


def test_of_two_at_once_only_one_gets_the_handle() -> None:
    with pytest.raises(ValidationError, match="just been taken"):
        claim_handle(make_organisation().handle, "organisation:slower")


def test_a_handle_is_not_given_away_after_its_organisation_was_deleted() -> None:
    make_organisation(handle="gone").delete()
    assert problem_with("gone", "organisation:x")


def test_a_handle_is_not_given_away_after_a_rename() -> None:
    page = make_organisation(handle="before")
    publish(page, handle="after")
    assert problem_with("before", "organisation:x")
    assert problem_with("before", page.publisher_key) is None


def test_a_handle_that_was_never_public_goes_back() -> None:
    page = make_organisation(handle="mistyped", live=False)
    page.handle = "right"
    page.save()
    assert problem_with("mistyped", "organisation:x") is None


def test_a_handle_that_federation_remembers_is_refused(full_desk: None) -> None:
    with pytest.raises(ValidationError, match="somebody else"):
        make_organisation(handle="of_long_ago")


@pytest.mark.parametrize(
    ("title", "handle"),
    [
        ("BCME – Baltic Centre for Media Excellence", "bcme_baltic_centre_for_media_e"),
        ("Агенција за развој", "agentsija_za_razvoj"),
        ("Ṋetshambiḓi & Moțoc", "netshambidi_motoc"),
        ("Admin", "admin_2"),
        ("!!!", "organisation"),
    ],
)
def test_a_handle_is_made_from_any_name(title: str, handle: str) -> None:
    assert make_organisation(title, slug="x").handle == handle


def test_the_site_has_claimed_its_handle() -> None:
    SiteSettings.for_site(Site.objects.get(is_default_site=True)).save()
    assert HandleClaim.objects.get(handle="news").publisher == "site"


def test_no_organisation_takes_the_handle_of_the_site_before_it_is_claimed() -> None:
    assert problem_with("news", "organisation:x")
    assert problem_with("news", "site") is None


# In the admin


@pytest.fixture
def two() -> tuple[OrganisationPage, OrganisationPage]:
    return make_organisation("Mine"), make_organisation("Theirs")


def _as_editor(organisation: OrganisationPage) -> Client:
    client = Client()
    client.force_login(make_editor(organisation))
    return client


def test_an_editor_may_edit_only_the_own_pages(two: tuple[OrganisationPage, OrganisationPage]) -> None:
    pages = [make_news(make_section(organisation)) for organisation in two]
    user = make_editor(two[0])
    assert [page.permissions_for_user(user).can_edit() for page in pages] == [True, False]
    assert [page.permissions_for_user(user).can_publish() for page in pages] == [True, False]


@pytest.mark.parametrize(
    ("view", "make"),
    [("wagtailimages:index", make_image), ("wagtaildocs:index", make_document)],
)
def test_an_editor_sees_only_the_own_files(
    two: tuple[OrganisationPage, OrganisationPage], view: str, make: object
) -> None:
    for organisation in two:
        make(title=f"File of {organisation.title}", collection=organisation.collection)  # type: ignore[operator]
    text = _as_editor(two[0]).get(reverse(view)).content.decode()
    assert ("File of Mine" in text, "File of Theirs" in text) == (True, False)


@pytest.mark.parametrize(
    ("view", "make"),
    [("wagtailimages_chooser:choose", make_image), ("wagtaildocs_chooser:choose", make_document)],
)
def test_an_editor_chooses_only_among_the_own_files(
    two: tuple[OrganisationPage, OrganisationPage], view: str, make: object
) -> None:
    for organisation in two:
        make(title=f"File of {organisation.title}", collection=organisation.collection)  # type: ignore[operator]
    text = _as_editor(two[0]).get(reverse(view)).json()["html"]
    assert ("File of Mine" in text, "File of Theirs" in text) == (True, False)


@pytest.mark.parametrize(("view", "make"), [("wagtailimages:edit", make_image), ("wagtaildocs:edit", make_document)])
def test_an_editor_cannot_open_somebody_elses_file(
    two: tuple[OrganisationPage, OrganisationPage], view: str, make: object
) -> None:
    theirs = make(collection=two[1].collection)  # type: ignore[operator]
    assert _as_editor(two[0]).get(reverse(view, args=[theirs.pk])).status_code == 404


def test_an_editor_cannot_delete_the_own_organisation() -> None:
    organisation = make_organisation()
    tester = organisation.page_ptr.permissions_for_user(make_editor(organisation))
    assert (tester.can_edit(), tester.can_delete()) == (True, False)


def test_an_administrator_can_delete_an_organisation() -> None:
    assert make_organisation().permissions_for_user(make_admin()).can_delete()


def test_an_editor_can_delete_the_own_news() -> None:
    organisation = make_organisation()
    assert make_news(organisation).permissions_for_user(make_editor(organisation)).can_delete()


def test_the_form_proposes_sharing_where_the_organisation_does() -> None:
    for wanted in (True, False):
        organisation = make_organisation(share_by_default=wanted)
        url = reverse("wagtailadmin_pages:add", args=["cms", "newspage", organisation.pk])
        form = _as_editor(organisation).get(url).context["form"]
        assert form["share"].value() is wanted


def test_the_form_keeps_what_the_page_says_afterwards() -> None:
    organisation = make_organisation(share_by_default=True)
    page = make_news(organisation, share=False)
    response = _as_editor(organisation).get(reverse("wagtailadmin_pages:edit", args=[page.pk]))
    assert response.context["form"]["share"].value() is False


def test_nothing_but_the_form_shares_by_itself() -> None:
    assert not make_news(make_organisation(share_by_default=True)).share


def test_a_copy_of_a_shared_page_is_not_shared() -> None:
    page = make_news(share=True)
    assert not page.copy(update_attrs={"slug": "again"}, keep_live=True).specific.share


def test_files_land_in_the_own_collection_by_themselves() -> None:
    organisation = make_organisation()
    form = _as_editor(organisation).get(reverse("wagtaildocs:add")).context["form"]
    assert "collection" not in form.fields  # with one collection there is nothing to choose


def test_own_models_are_in_use() -> None:
    assert {type(make_image()), type(make_document())} == {CustomImage, CustomDocument}


def test_the_profile_is_as_old_as_the_first_publication() -> None:
    page = make_organisation(first_published_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert page.first_published_at.year == 2020
