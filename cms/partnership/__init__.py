"""Partners come and go: one form makes an organisation with everything that belongs to it, invitations bring its people
in, and leaving takes their access away without losing what they published. What belongs to an organisation is made in
``cms.partners``, whoever saves its page."""
