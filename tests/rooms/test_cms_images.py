"""Images: what must be known about them, and which files of them anybody may load."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template
from django.test import Client
from django.urls import reverse

from cms.collections import public_image, public_images
from cms.licences import Licence
from cms.models import CustomImage
from tests.factories.cms_media import make_image, make_private_collection, png_bytes
from tests.factories.cms_people import make_admin

pytestmark = pytest.mark.django_db

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'


def _upload(name: str, content: bytes, **fields: Any) -> Any:
    client = Client()
    client.force_login(make_admin())
    data = {
        "title": "x",
        "description": "A table",
        "credit": "Ana",
        "licence": Licence.OWN,
        "tags": "",
        "credit_url": "",
    }
    return client.post(reverse("wagtailimages:add"), data | {"file": SimpleUploadedFile(name, content)} | fields)


@pytest.mark.parametrize("field", ["description", "credit", "licence"])
def test_an_image_needs_words_credit_and_licence(field: str) -> None:
    response = _upload("a.png", png_bytes(), **{field: ""})
    assert field in response.context["form"].errors
    assert not CustomImage.objects.exists()


def test_a_licence_that_asks_for_the_source_needs_its_address() -> None:
    image = CustomImage(title="x", description="x", credit="x", licence=Licence.UNSPLASH)
    with pytest.raises(ValidationError) as refused:
        image.clean()
    assert list(refused.value.message_dict) == ["credit_url"]


def test_an_image_with_all_of_it_is_accepted() -> None:
    _upload("a.png", png_bytes())
    assert CustomImage.objects.get().alt == "A table"


@pytest.mark.parametrize(("name", "content"), [("a.svg", SVG), ("a.png", SVG), ("a.png", b'{"type": "Person"}')])
def test_what_is_no_picture_of_dots_is_refused(name: str, content: bytes) -> None:
    response = _upload(name, content)
    assert "file" in response.context["form"].errors
    assert not CustomImage.objects.exists()


def test_a_rendition_is_served_and_kept_by_browsers(client: Client) -> None:
    rendition = make_image().get_rendition("width-32")
    response = client.get(rendition.url)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "image/png")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "max-age" in response.headers["Cache-Control"]


def test_an_original_is_not_served_because_it_may_tell_where_it_was_taken(client: Client) -> None:
    assert client.get(make_image().file.url).status_code == 404


def test_no_path_leads_from_the_renditions_to_an_original(client: Client) -> None:
    assert client.get(f"/media/images/../{make_image().file.name}").status_code == 404


@pytest.mark.parametrize(
    "name", ["nothing.png", "../original_images/x.png", "../../secrets.json", "", "x.svg", "x.html"]
)
def test_nothing_else_of_the_media_folder_is_served(client: Client, name: str) -> None:
    assert client.get(f"/media/images/{name}").status_code == 404


def test_a_file_of_another_type_among_the_renditions_is_not_served(client: Client) -> None:
    image = make_image()
    name = image.file.storage.save("images/actor.json", ContentFile(b"{}"))
    assert client.get(f"/media/{name}").status_code == 404


def test_an_image_of_a_private_collection_is_not_public() -> None:
    assert public_image(make_image(collection=make_private_collection())) is None


def test_an_image_below_a_private_collection_is_not_public() -> None:
    inner = make_private_collection().add_child(name="Inner")
    shown, hidden = make_image(), make_image(collection=inner)
    assert public_images([hidden, shown]) == [shown]


def test_a_collection_beside_a_private_one_stays_public() -> None:
    private = make_private_collection("A")
    sibling = private.get_parent().add_child(name="A beside")
    image = make_image(collection=sibling)
    assert public_image(image) == image


def test_the_question_for_many_images_costs_one_query(django_assert_num_queries: Any) -> None:
    images = [make_image() for _ in range(3)]
    with django_assert_num_queries(1):
        public_images(images)


def _tag(image: CustomImage | None) -> str:
    source = (
        '{% load cms_tags %}{% public_image image "width-16" as it %}{% if it %}{{ it.url }}{% else %}none{% endif %}'
    )
    return Template(source).render(Context({"image": image}))


def test_a_template_gets_a_rendition_of_a_public_image() -> None:
    image = make_image()
    assert _tag(image) == image.get_rendition("width-16").url


def test_a_template_gets_nothing_of_a_private_image() -> None:
    assert _tag(make_image(collection=make_private_collection())) == "none"


def test_a_template_gets_nothing_of_no_image() -> None:
    assert _tag(None) == "none"


def test_no_template_names_an_image_but_through_the_safe_tags() -> None:
    templates = Path(__file__).parents[2] / "templates"
    loads = [path for path in templates.rglob("*.html") if "wagtailimages_tags" in path.read_text()]
    assert loads == []
