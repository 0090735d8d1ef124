"""What Wagtail Localize does with the fields of a page when a translation is kept in step with its source.

Its rule without us is: text is translated, everything else is copied from the source again and again. For what an
editor decides about sharing that would be a surprise: a translation would go out because its source did, in words that
may still be the source's. And rows that it cannot translate would come back in the source's language each time.
"""

from __future__ import annotations

from wagtail_localize.fields import BaseTranslatableField, SynchronizedField


class OwnField(BaseTranslatableField):
    """Each language has its own: copied once, when the translation begins, and never written over."""


# Who made it, what was corrected, which files and pages belong to it: none of them can be translated word by word.
ROWS = [OwnField(name) for name in ("credits", "corrections", "attachments", "related_pages")]
# “share” and “website_only” are not copied even once: see ``exclude_fields_in_copy``.
SHARING = [OwnField(name) for name in ("share", "form", "showing", "quotes", "replies", "audience", "website_only")]
# What was true of the meeting is true in every language, and comes from the source; how it is told is each one's own.
MEETING = [OwnField(name) for name in ("agenda_days", "participant_rows")]
# A handle is one for all languages, and nothing to translate; nor are names of hosts and languages.
ORGANISATION = [
    OwnField("handle"),
    OwnField("profile_fields"),
    OwnField("pinned_pages"),
    *(SynchronizedField(name, overridable=False) for name in ("languages", "author_hosts", "welcome_hosts")),
]
