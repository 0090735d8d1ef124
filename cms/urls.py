"""Addresses of the content side that are not pages."""

from django.urls import URLPattern, path, re_path
from wagtail.documents.views.serve import authenticate_with_password

from cms import document_views, feeds, media, sitemaps
from cms.digests.unsubscribe import UnsubscribeView
from cms.follow import views as follow
from cms.partnership.joining import JoinView
from cms.two_factor.views import PictureView, SetUpView, ShowView

urlpatterns: list[URLPattern] = [
    path("documents/<uuid:number>/", document_views.serve, name="cms_document"),
    path("documents/<uuid:number>/<str:filename>", document_views.serve_named, name="cms_document_named"),
    # Wagtail's own name for a document's address; its parts ask for it by this name.
    re_path(r"^documents/(\d+)/(.*)$", document_views.serve_by_pk, name="wagtaildocs_serve"),
    path(
        "documents/authenticate_with_password/<int:restriction_id>/",
        authenticate_with_password,
        name="wagtaildocs_authenticate_with_password",
    ),
    path("media/images/<path:name>", media.serve_image, name="cms_image"),
    path("-/invitation/<str:secret>/", JoinView.as_view(), name="cms_invitation"),
    # Not below the admin: whoever has no rights there (yet) needs them, too.
    path("-/two-factor/", ShowView.as_view(), name="two_factor_show"),
    path("-/two-factor/set-up/", SetUpView.as_view(), name="two_factor_set_up"),
    path("-/two-factor/picture.svg", PictureView.as_view(), name="two_factor_picture"),
    path("-/unsubscribe/<str:signed>/", UnsubscribeView.as_view(), name="cms_unsubscribe"),
    path("feed.atom", feeds.site_feed, name="cms_feed"),
    path("feed.json", feeds.site_json_feed, name="cms_json_feed"),
    path("feeds/<str:handle>.atom", feeds.organisation_feed, name="cms_organisation_feed"),
    path("feeds/<str:handle>.json", feeds.organisation_json_feed, name="cms_organisation_json_feed"),
    # No page can have an "@" in its address, so these are nobody else's.
    path("@<str:handle>", follow.profile, name="cms_profile"),
    path("@<str:handle>/follow", follow.follow, name="cms_follow"),
    re_path(r"^-/respond/(?P<number>[0-9]{1,18})/(?P<gesture>reply|boost|like)$", follow.respond, name="cms_respond"),
    path("sitemap.xml", sitemaps.sitemap_view, name="cms_sitemap"),
    path("robots.txt", sitemaps.robots, name="cms_robots"),
]
