"""An instance whose site is a file (see ``fire_site``); short deadlines, so that a lease ends while a test waits."""

import os

from config.settings.demo import *

FEDERATION = {
    **FEDERATION,
    "SOURCE": "tests.factories.fire_site.FileSite",
    "AUTOMATIC_SENDS_PER_HOUR": 1_000_000,
    "DELIVERY_DEADLINE": float(os.environ["FIRE_DEADLINE"]),
}
