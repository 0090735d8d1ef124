"""A partner with one of everything that can be hidden, each marked by a word, and every address of the admin filled in
with its numbers: whoever is no editor of it must never read the mark."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.urls import URLPattern, URLResolver, get_resolver
from wagtail.admin.views.bulk_action.registry import bulk_action_registry
from wagtail.models import GroupApprovalTask, Locale, UploadedFile, Workflow, WorkflowTask
from wagtail_localize.models import Translation
from wagtail_localize.operations import translate_object

from cms.models import CustomDocument, CustomImage, NewsPage, OrganisationPage, User
from tests.factories.cms_media import make_document, make_image
from tests.factories.cms_pages import make_news, make_organisation, make_private, make_section
from tests.factories.cms_people import make_editor

MARK = "Zebrafinch"
_MODELS = [("wagtailcore", "page"), ("cms", "customimage"), ("cms", "customdocument"), ("cms", "user")]


@dataclass(frozen=True, slots=True)
class Neighbour:
    organisation: OrganisationPage
    draft: NewsPage
    renamed: NewsPage
    private: NewsPage
    image: CustomImage
    document: CustomDocument
    editor: User
    numbers: dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Street:
    """Two partners; ``editor`` is one of the first."""

    mine: OrganisationPage
    editor: User
    them: Neighbour


def make_street() -> Street:
    mine = make_organisation("Aspen Watch")
    return Street(mine, make_editor(mine), make_neighbour())


def make_neighbour() -> Neighbour:
    """``draft`` was never published and waits for approval; ``renamed`` is live, and only the new title in its draft is
    marked; ``private`` is behind a password. ``numbers`` are primary keys by the name that addresses give them."""
    organisation = make_organisation("Birch Forum")
    editor = make_editor(organisation)
    editor.last_name = MARK
    editor.save()
    image = make_image(title=f"{MARK} image", collection=organisation.collection)
    document = make_document(title=f"{MARK} document", filename=f"{MARK}.pdf", collection=organisation.collection)
    draft = make_news(make_section(organisation), title=f"{MARK} draft", live=False, lead_image=image, locked=True)
    revision = draft.save_revision(user=editor)
    renamed = make_news(organisation, title="A public name")
    renamed.title = f"{MARK} new name"
    renamed.save_revision(user=editor)
    private = make_news(organisation, title=f"{MARK} private")
    make_private(private)
    private.save_revision(user=editor)  # the last edit of all, which a report names
    task = GroupApprovalTask.objects.create(name="Look at it")
    task.groups.add(organisation.editors)
    workflow = Workflow.objects.create(name="Looking")
    WorkflowTask.objects.create(workflow=workflow, task=task)
    state = workflow.start(draft, editor)
    uploads = [
        UploadedFile.objects.create(
            for_content_type=ContentType.objects.get_for_model(model),
            file=ContentFile(b"x", f"{MARK}.png"),
            uploaded_by_user=editor,
        ).pk
        for model in (CustomImage, CustomDocument)
    ]
    numbers: dict[str, list[Any]] = {
        "pk": list({draft.pk, image.pk, document.pk}),
        "image_id": [image.pk],
        "document_id": [document.pk],
        "doc_id": [document.pk],
        "uploaded_file_id": uploads,
        "revision_id": [revision.pk],
        "task_id": [task.pk],
        "task_state_id": [state.current_task_state_id],
        "workflow_state_id": [state.pk],
        "workflow_pk": [workflow.pk],
        "collection_id": [organisation.collection_id],
        "object_id": [draft.pk],
        "destination_id": [organisation.pk],
        "revision_id_a": ["earliest"],
        "revision_id_b": ["latest"],
        "filter_spec": ["original"],
        "action_name": ["approve"],
    }
    numbers |= {name: [draft.pk] for name in ("page_id", "page_to_move_id", "page_pk")}
    numbers["parent_page_id"] = [draft.pk, organisation.pk]
    numbers |= _translated(draft)
    return Neighbour(organisation, draft, renamed, private, image, document, editor, numbers)


def _translated(page: NewsPage) -> dict[str, list[Any]]:
    """Numbers of a translation of the page that Wagtail Localize keeps, with its parts."""
    locale, _new = Locale.objects.get_or_create(language_code="de")
    translate_object(page, [locale])
    translation = Translation.objects.get(source__object_id=page.translation_key)
    return {
        "translation_id": [translation.pk],
        "translation_source_id": [translation.source_id],
        "string_segment_id": [translation.source.stringsegment_set.values_list("pk", flat=True).first()],
    }


def admin_addresses(them: Neighbour) -> Iterator[str]:
    """Every address below ``/admin/``, with each of their numbers in each place."""
    for pattern in _patterns(get_resolver(), ""):
        if pattern.startswith("admin/") and not pattern.endswith(("logout/", "failwhale/")):
            yield from dict.fromkeys(_filled(pattern.replace("^", "").removesuffix("$"), them))


def _patterns(resolver: Any, prefix: str) -> Iterator[str]:
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _patterns(entry, path)
        elif isinstance(entry, URLPattern):
            yield path


_PLACE = re.compile(r"\(\?P<(?P<regex>\w+)>[^)]*\)|<(?:\w+:)?(?P<path>\w+)>")


def _filled(pattern: str, them: Neighbour) -> Iterator[str]:
    if "<str:action>" in pattern:
        for app, model in _MODELS:
            for action in bulk_action_registry.get_bulk_actions_for_model(app, model):
                yield f"/admin/bulk/{app}/{model}/{action.action_type}/"
        return
    names = [match["regex"] or match["path"] for match in _PLACE.finditer(pattern)]
    for values in itertools.product(*(_values(name, them) for name in names)):
        filled = iter(values)
        yield "/" + _PLACE.sub(lambda match: str(next(filled)), pattern).replace("\\.", ".").replace("\\", "")  # noqa: B023


def _values(name: str, them: Neighbour) -> list[Any]:
    if name.endswith("app_name") or name == "app_label":
        return ["cms"]
    if name.endswith("model_name"):
        return ["newspage"]
    return them.numbers.get(name, [1])
