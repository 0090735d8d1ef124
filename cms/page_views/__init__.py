"""Wagtail's own views of pages, with what an editor has to know before something goes out or is taken back."""
