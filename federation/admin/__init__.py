"""What editors see of sharing in the admin: profiles, followers, deliveries, servers, and what arrives from partners.
Everybody sees only what belongs to the organisations that they may edit. The lists change nothing; what can be done
about followers is in ``bulk``, about what was held back in ``waiting``."""
