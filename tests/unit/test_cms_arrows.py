"""The content side stands alone."""

import ast
import os
import subprocess
import sys
from pathlib import Path

from django.conf import LazySettings

import cms
from cms.desk import desk
from federation.contract import NullDesk


def _imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}


def test_of_federation_only_the_contract_is_imported() -> None:
    modules = Path(cms.__file__).parent.rglob("*.py")
    found = {name for path in modules for name in _imports(path) if name.split(".")[0] == "federation"}
    assert found == {"federation.contract"}


def test_the_site_runs_without_federation() -> None:
    """In a process of its own, because this one has loaded federation already."""
    program = """
import sys
from config.settings import test
test.INSTALLED_APPS = [name for name in test.INSTALLED_APPS if not name.startswith("federation")]
import django
django.setup()
from django.urls import get_resolver
from cms.desk import desk
get_resolver().url_patterns
print(type(desk()).__name__, sorted(name for name in sys.modules if name.split(".")[0] == "federation"))
"""
    root = Path(cms.__file__).parents[1]
    environment = os.environ | {"PYTHONPATH": f"{root}{os.pathsep}{root / 'site'}"}
    environment["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "NullDesk ['federation', 'federation.answers', 'federation.contract']", done.stderr


def test_with_federation_its_own_desk_answers() -> None:
    assert type(desk()).__module__.startswith("federation.desk")


def test_the_desk_is_looked_up_again_when_the_settings_change(settings: LazySettings) -> None:
    before = type(desk())
    settings.CMS = {}
    assert (before is NullDesk, type(desk())) == (False, NullDesk)
