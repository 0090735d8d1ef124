"""Every address of an instance, in the order in which they are tried. Wagtail's pages come last, because they take
whatever is left."""

from django.apps import apps
from django.urls import URLPattern, URLResolver, include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls

from cms.language_paths import by_language

from .health import health

handler404 = "cms.errors.not_found"
handler500 = "cms.errors.failed"

urlpatterns: list[URLPattern | URLResolver] = [
    path("-/health", health, name="health"),
    path("admin/", include(wagtailadmin_urls)),
    path("", include("cms.urls")),
]

if apps.is_installed("federation"):
    urlpatterns.append(path("", include("federation.urls")))

urlpatterns.append(by_language(path("", include(wagtail_urls))))
