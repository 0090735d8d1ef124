"""The content side stands alone."""

import ast
from pathlib import Path

import cms


def _imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}


def test_of_federation_only_the_contract_is_imported() -> None:
    modules = Path(cms.__file__).parent.rglob("*.py")
    found = {name for path in modules for name in _imports(path) if name.split(".")[0] == "federation"}
    assert found == {"federation.contract"}
