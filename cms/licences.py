"""The licences that images and documents may carry: a closed list, so that a machine can tell what may be copied.

Keys are SPDX identifiers where SPDX has one. Nothing is allowed that is not listed.
"""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Licence(TextChoices):
    CC0 = "CC0-1.0", _("CC0 1.0 (no rights reserved)")
    PUBLIC_DOMAIN = "public-domain", _("Public domain")
    CC_BY = "CC-BY-4.0", _("CC BY 4.0")
    CC_BY_SA = "CC-BY-SA-4.0", _("CC BY-SA 4.0")
    CC_BY_NC = "CC-BY-NC-4.0", _("CC BY-NC 4.0")
    CC_BY_ND = "CC-BY-ND-4.0", _("CC BY-ND 4.0")
    CC_BY_NC_SA = "CC-BY-NC-SA-4.0", _("CC BY-NC-SA 4.0")
    CC_BY_NC_ND = "CC-BY-NC-ND-4.0", _("CC BY-NC-ND 4.0")
    UNSPLASH = "unsplash", _("Unsplash Licence")
    OWN = "own-work", _("Our own work, all rights reserved")
    PERMISSION = "permission", _("All rights reserved, used with permission")


LICENCE_URLS: dict[str, str] = {
    Licence.CC0: "https://creativecommons.org/publicdomain/zero/1.0/",
    Licence.PUBLIC_DOMAIN: "https://creativecommons.org/publicdomain/mark/1.0/",
    Licence.CC_BY: "https://creativecommons.org/licenses/by/4.0/",
    Licence.CC_BY_SA: "https://creativecommons.org/licenses/by-sa/4.0/",
    Licence.CC_BY_NC: "https://creativecommons.org/licenses/by-nc/4.0/",
    Licence.CC_BY_ND: "https://creativecommons.org/licenses/by-nd/4.0/",
    Licence.CC_BY_NC_SA: "https://creativecommons.org/licenses/by-nc-sa/4.0/",
    Licence.CC_BY_NC_ND: "https://creativecommons.org/licenses/by-nc-nd/4.0/",
    Licence.UNSPLASH: "https://unsplash.com/license",
}


def licence_url(licence: str) -> str:
    """Where the licence can be read; empty where there is no such page."""
    return LICENCE_URLS.get(licence, "")
