"""Photographs every kind of page, and places of the administration: ``python -m tests.screenshots [NAME …]``."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "var" / "screenshots"
PASSWORD = "a long and quiet river"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these, such as report or “admin home”")
    parser.add_argument("--widths", default="375,1440", help="in pixels, with commas (default: 375,1440)")
    parser.add_argument("--modes", default="light,dark", help="light, dark or both (default)")
    return parser.parse_args()


def main(options: argparse.Namespace) -> None:
    from tests.factories.instances import make_authority, running_instance  # noqa: PLC0415 -- found only now
    from tests.factories.shown_places import make_places  # noqa: PLC0415

    from .take import Wish, chromium, take  # noqa: PLC0415

    FOLDER.mkdir(parents=True, exist_ok=True)
    widths = tuple(int(width) for width in options.widths.split(","))
    wish = Wish(FOLDER, tuple(options.names), widths, tuple(options.modes.split(",")))
    with tempfile.TemporaryDirectory() as folder:
        authority = make_authority(Path(folder))
        with running_instance(Path(folder), authority, "screenshots") as instance:
            instance.manage("load_demo", "--fictional", "--admin-password", PASSWORD)
            shown = make_places(instance)
            with chromium() as browser:
                for path in take(browser, instance.origin, shown, wish, PASSWORD):
                    print(path.relative_to(ROOT), flush=True)


if __name__ == "__main__":
    chosen = arguments()
    for path in (ROOT, ROOT / "site"):
        sys.path.insert(0, str(path))
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"  # for templates of errors; no database is asked
    import_module("django").setup()
    main(chosen)
