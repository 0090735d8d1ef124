"""Mails to editors about what happened while they were away: what they scheduled went out, deliveries wait, followers
came. Each says of its kind until when it was told, so that nothing is told twice."""
