"""Translations of pages with Wagtail Localize, as far as they meet what this program promises: nothing is published
unchecked, and nobody reads what another organisation has not published."""
