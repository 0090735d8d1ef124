"""The addresses of an instance, with only Wagtail's own hooks around a page."""

from wagtail import hooks

from config.urls import urlpatterns

__all__ = ["urlpatterns"]

for _name in ("before_serve_page", "on_serve_page", "after_serve_page"):
    hooks.get_hooks(_name)  # all are registered now
    hooks._hooks[_name] = [entry for entry in hooks._hooks.get(_name, []) if not entry[0].__module__.startswith("cms")]
