"""docs/api.md has every reason that the API gives for an error, with its HTTP code, and no other."""

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import provd
from provd.schema.errors import ErrorStatus

ROOT = Path(__file__).parents[3]
_ROW = re.compile(r"^\| (\d{3}) \| `([A-Z_]+)` \| [^|]+ \| [^|]+ \|$", re.M)
_SOURCES = [each.read_text() for each in sorted(Path(provd.__file__).parent.rglob("*.py"))]
TREES = [ast.parse(each) for each in _SOURCES if "ErrorStatus" in each or "provd.services.errors" in each]


def documented() -> list[tuple[int, str]]:
    return [(int(code), reason) for code, reason in _ROW.findall((ROOT / "docs" / "api.md").read_text())]


def status_of(node: ast.expr) -> ErrorStatus | None:
    if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "ErrorStatus":
        return ErrorStatus[node.attr]
    return None


def stated(node: ast.AST) -> Iterator[tuple[ErrorStatus, ast.expr]]:
    """Each status that this part of the source has, with what stands beside it as the reason."""
    if isinstance(node, ast.Call):
        named = {each.arg: each.value for each in node.keywords}
        if "status" in named and "reason" in named and (status := status_of(named["status"])) is not None:
            yield status, named["reason"]
    if isinstance(node, ast.Call | ast.Tuple):
        parts = node.args if isinstance(node, ast.Call) else node.elts
        for first, second in itertools.pairwise(parts):
            if (status := status_of(first)) is not None:
                yield status, second


def makers(trees: list[ast.Module]) -> dict[str, ErrorStatus]:
    """The functions that take the reason as their first parameter, with the status that they give."""
    found = {}
    for tree in trees:
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef) and function.args.args:
                first = function.args.args[0].arg
                for node in ast.walk(function):
                    for status, reason in stated(node):
                        if isinstance(reason, ast.Name) and reason.id == first:
                            found[function.name] = status
    return found


def given() -> tuple[set[tuple[int, str]], list[str]]:
    """Every HTTP code with its reason in the source, and what is no constant where a reason must be."""
    shared = {name: status for name, status in makers(TREES).items() if not name.startswith("_")}
    found, unclear = set(), []
    for tree in TREES:
        by_makers = shared | makers([tree])
        for node in ast.walk(tree):
            pairs = list(stated(node))
            if isinstance(node, ast.Call) and (status := by_makers.get(ast.unparse(node.func))) is not None:
                pairs.append((status, node.args[0]))
            for status, reason in pairs:
                if isinstance(reason, ast.Constant):
                    found.add((status.http_code, str(reason.value)))
                elif ast.unparse(reason) != "reason":
                    unclear.append(ast.unparse(node))
    return found, unclear


def test_the_functions_that_make_errors_are_found() -> None:
    assert {"conflict", "not_found"} <= set(makers(TREES))


def test_each_reason_is_written_where_a_script_writer_can_find_it() -> None:
    assert given()[1] == []


def test_every_reason_is_documented_with_its_code_and_no_other() -> None:
    rows = documented()
    assert len(rows) == len(set(rows))
    assert set(rows) == given()[0]
