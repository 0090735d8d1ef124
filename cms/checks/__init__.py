"""What is looked at when a page is published, and at no other time: drafts are nobody's business.

``piece`` holds plain values, ``errors`` and ``warnings`` a pure function for each check, ``verdict`` the list of them.
``gather`` reads a page into a piece; ``form`` shows what was found where it stands.
"""
