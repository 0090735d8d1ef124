"""A picture whose file is lost: everything else goes on without it."""

from __future__ import annotations

import pytest

from cms.pictures import AVATAR, find_picture, pictures
from tests.factories.cms_media import make_image

pytestmark = pytest.mark.django_db


def test_a_lost_picture_is_left_out() -> None:
    image, other = make_image(), make_image()
    image.file.storage.delete(image.file.name)
    assert find_picture(image, AVATAR) is None
    assert len(pictures([image, other])) == 1
