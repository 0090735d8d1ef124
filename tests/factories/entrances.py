"""Which functions can reach the network, read from the source: whatever refers to a door of ``federation.net``, and
whatever refers to that, up to the commands, jobs and views. Nobody keeps a list of them that could be forgotten."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Each room with the folder that its names begin in.
ROOMS = {"federation": ROOT, "cms": ROOT, "config": ROOT / "site"}
NET = "federation.net"
# What may be imported from there without opening anything: it judges, compares and reads text.
HARMLESS = {"federation.net.location", "federation.net.media_types", "federation.net.guard"}
# Names that a request never goes through: what only says that a check is required, and the part of a handler that runs
# once everything was fetched.
SILENT = {"federation.apps.FederationConfig.ready", "federation.inbox.dispatch._handle"}

Graph = dict[str, set[str]]
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


def find_reaching() -> set[str]:
    """``module.function`` or ``module.Class.method`` of everything outside ``federation.net`` from which a request can
    go out, directly or through others."""
    graph, functions = read_graph()
    reaching: set[str] = set()
    doors = {name for names in graph.values() for name in names if _is_door(name)}
    found = doors
    while found:
        reaching |= found
        found = {name for name, used in graph.items() if used & reaching and not name.startswith(NET)} - reaching
        # A class can do what its methods can, and whoever can get at a method can get at the class.
        found |= {name.rpartition(".")[0] for name in found if name.rpartition(".")[0] in graph} - reaching
    return ((reaching - doors) & functions) - SILENT


def read_graph() -> tuple[Graph, set[str]]:
    """Each function, class and constant of the rooms with every name that its text refers to; and which of them are
    functions."""
    graph: Graph = {}
    functions: set[str] = set()
    for room, folder in ROOMS.items():
        for path in sorted((folder / room).rglob("*.py")):
            if "migrations" not in path.parts:
                _read_module(path, folder, graph, functions)
    return graph, functions


def _is_door(name: str) -> bool:
    module = ".".join(name.split(".")[:3])
    return name.startswith(f"{NET}.") and module not in HARMLESS


def _read_module(path: Path, folder: Path, graph: Graph, functions: set[str]) -> None:
    parts = list(path.relative_to(folder).with_suffix("").parts)
    package = parts[:-1]
    module = ".".join(package if parts[-1] == "__init__" else parts)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = _imported(tree, package)
    own = {name for node in tree.body for name in _defined(node)}
    names |= {name: f"{module}.{name}" for name in own}
    for node in tree.body:
        for name in _defined(node):
            graph[f"{module}.{name}"] = set(_referred(node, names))
        if isinstance(node, _FUNCTION):
            functions.add(f"{module}.{node.name}")
        elif isinstance(node, ast.ClassDef):
            for method in (part for part in node.body if isinstance(part, _FUNCTION)):
                functions.add(f"{module}.{node.name}.{method.name}")
                graph[f"{module}.{node.name}.{method.name}"] = {
                    *_referred(method, names),
                    *_of_itself(method, f"{module}.{node.name}"),
                }


def _of_itself(method: ast.AST, owner: str) -> Iterator[str]:
    for part in ast.walk(method):
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id == "self":
            yield f"{owner}.{part.attr}"


def _defined(node: ast.AST) -> Iterator[str]:
    if isinstance(node, (*_FUNCTION, ast.ClassDef)):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from (target.id for target in targets if isinstance(target, ast.Name))


def _imported(tree: ast.AST, package: list[str]) -> dict[str, str]:
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.asname or alias.name.partition(".")[0]: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*base, *filter(None, [node.module])])
            names |= {alias.asname or alias.name: f"{source}.{alias.name}" for alias in node.names}
    return names


def _referred(node: ast.AST, names: dict[str, str]) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and part.id in names:
            yield names[part.id]
        elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id in names:
            yield f"{names[part.value.id]}.{part.attr}"
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            # Annotations in quotes, and functions that settings name by their path.
            yield part.value
