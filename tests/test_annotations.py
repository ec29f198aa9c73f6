"""Every public function, method and dataclass field says what it takes and gives."""

import ast
from pathlib import Path

import pytest

from tests.conftest import ROOT

FILES = sorted(p.relative_to(ROOT) for folder in ("isost_core", "ui") for p in (ROOT / folder).rglob("*.py")
               if "node_modules" not in p.parts)


def unannotated(tree: ast.Module) -> list[str]:
    """Names of public functions and methods that lack an annotation."""
    found = []
    for holder in [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))]:
        for node in holder.body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not complete(node):
                found.append(f"{node.name}, line {node.lineno}")
    return found


def complete(function: ast.FunctionDef) -> bool:
    given = function.args
    named = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]
    return function.returns is not None and all(a.annotation or a.arg in ("self", "cls") for a in named)


def object_fields(tree: ast.Module) -> list[str]:
    """Fields of classes that are said to be just any object."""
    return [node.target.id for node in ast.walk(tree) if isinstance(node, ast.AnnAssign)
            and isinstance(node.target, ast.Name) and isinstance(node.annotation, ast.Name)
            and node.annotation.id == "object"]


@pytest.mark.parametrize("path", FILES, ids=str)
def test_public_names_are_annotated(path: Path):
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert not unannotated(tree) and not object_fields(tree)
