import ast
from pathlib import Path

import provd.sip

PACKAGE = Path(provd.sip.__file__).parent
OUTSIDE = {"socket", "asyncio", "time", "threading", "datetime", "random", "select", "ssl", "logging"}


def imported_by(module: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


def test_the_package_does_no_io_and_knows_no_time() -> None:
    for module in PACKAGE.glob("*.py"):
        assert not {name.partition(".")[0] for name in imported_by(module)} & OUTSIDE, module.name


def test_the_package_needs_nothing_of_the_rest_of_provd() -> None:
    for module in PACKAGE.glob("*.py"):
        ours = {name for name in imported_by(module) if name.startswith("provd")}
        assert all(name.startswith("provd.sip.") for name in ours), module.name
