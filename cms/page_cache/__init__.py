"""Whole pages, kept in the memory of each web process for readers who are nobody in particular. A hit asks the database
nothing, and still a page that was hidden is gone at once: triggers announce every change that readers could see
(``triggers``), each process listens and can prove that it heard everything until a moment ago (``listener``), and while
it cannot, nothing comes from here. See ``docs/decisions/0006-page-cache.md``."""
