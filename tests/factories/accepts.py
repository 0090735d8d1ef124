"""The ``Accept`` headers that servers, browsers and programs really send."""

from __future__ import annotations

PROFILE = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
SERVERS = {
    "Mastodon, signed fetch": "application/activity+json, application/ld+json",
    "Mastodon, search": f"{PROFILE}, application/activity+json, text/html;q=0.1",
    "GoToSocial": f"application/activity+json, {PROFILE}",
    "Misskey": f"application/activity+json, {PROFILE}",
    "Fedify": f"application/activity+json, {PROFILE}, application/ld+json",
    "Pleroma": "application/activity+json",
    "Lemmy": "application/activity+json",
    "PeerTube": "application/activity+json, application/ld+json",
    "WordPress": "application/activity+json",
    "without the profile": "application/ld+json",
    "single quotes": "application/ld+json; profile='https://www.w3.org/ns/activitystreams'",
    "another profile": 'application/ld+json; profile="http://www.w3.org/ns/json-ld#compacted"',
    "no spaces, shouting": "APPLICATION/ACTIVITY+JSON,Application/LD+JSON",
    "two headers joined": "application/activity+json, text/html;q=0.9",
    "same weight as HTML": "text/html, application/activity+json",
    "a comma in the profile": 'application/ld+json; profile="a,text/html;q=1,b"',
}
ANYTHING = {"curl": "*/*", "no header": None, "an empty header": "", "a range": "application/*", "Java": "*; q=.2"}
BROWSERS = {
    "Firefox": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Firefox, new": "text/html,application/xhtml+xml,application/xml;q=0.9,image/png,image/svg+xml,*/*;q=0.8",
    "Chrome": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7",
    "Safari": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "lynx": "text/html, text/plain, text/sgml, */*;q=0.01",
    "HTML and anything": "text/html, */*",
    "HTML only": "text/html",
    "any text": "text/*",
    "the document as second best": "text/html, application/activity+json;q=0.5",
    "the document refused": "application/activity+json;q=0, application/ld+json;q=0, text/html;q=0.1",
}
