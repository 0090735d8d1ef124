"""Which places are photographed. Whoever adds a panel or a list to the administration adds its address here."""

from __future__ import annotations

# Address by name, for an administrator; ``{report}`` and the like are numbers of pages, by the names of
# ``tests.factories.shown_places``.
ADMIN = {
    "admin home": "/admin/",
    "admin pages": "/admin/pages/{organisation}/",
    "admin edit organisation": "/admin/pages/{organisation}/edit/",
    "admin edit report": "/admin/pages/{report}/edit/",
    "admin profiles": "/admin/profiles/",
    "admin followers": "/admin/followers/",
    "admin deliveries": "/admin/deliveries/",
    "admin delivery of a page": "/admin/deliveries/page/page:{report}/",
    "admin figures": "/admin/reports/figures/",
    "admin reach of pages": "/admin/reports/figures/pages/",
    "admin servers": "/admin/servers/",
    "admin waiting": "/admin/waiting/",
}
# What readers open on a page: the page, and the link that is clicked.
DIALOGS = {"follow dialog": ("organisation", ".follow a.button"), "reply dialog": ("report", ".gestures a")}
