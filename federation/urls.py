"""The addresses of federation. Ids are stored as full literals when something is made, so a change here would orphan
what peers already know: these are for ever."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from .views import actors, collections, discovery, inbox, objects

_ACTOR = "ap/actors/<uuid:number>"

urlpatterns: list[URLPattern] = [
    path(_ACTOR, actors.actor, name="federation_actor"),
    path(f"{_ACTOR}/inbox", inbox.actor_inbox, name="federation_actor_inbox"),
    path(f"{_ACTOR}/outbox", collections.outbox, name="federation_outbox"),
    path(f"{_ACTOR}/followers", collections.followers, name="federation_followers"),
    path(f"{_ACTOR}/following", collections.following, name="federation_following"),
    path(f"{_ACTOR}/featured", collections.featured, name="federation_featured"),
    path(f"{_ACTOR}/tags", collections.tags, name="federation_tags"),
    path("ap/inbox", inbox.shared_inbox, name="federation_inbox"),
    path("ap/objects/<uuid:number>", objects.published_object, name="federation_object"),
    path("ap/activities/<uuid:number>", objects.activity, name="federation_activity"),
    path(".well-known/webfinger", discovery.webfinger, name="federation_webfinger"),
    path(".well-known/host-meta", discovery.host_meta, name="federation_host_meta"),
    path(".well-known/nodeinfo", discovery.nodeinfo_index, name="federation_nodeinfo_index"),
    path("nodeinfo/<str:number>", discovery.nodeinfo, name="federation_nodeinfo"),
    # Everything else that servers may ask for gets a plain 404 instead of a redirect to a page that is not there.
    re_path(r"^(?:ap/|api/v[12]/instance/?$)", actors.nothing, name="federation_nothing"),
]
