"""What editors see of sharing in the admin: profiles, followers, deliveries, servers, and what arrives from partners.
Everybody sees only what belongs to the organisations that they may edit; the lists change nothing."""
