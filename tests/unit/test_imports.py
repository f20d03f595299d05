"""What importing brings along: a front end must not load the daemon."""

import subprocess
import sys
from pathlib import Path

import pytest


def loaded_by(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint('\\n'.join(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(ran.stdout.split())


def test_importing_provd_costs_nothing() -> None:
    assert {name for name in loaded_by("import provd") if name.startswith("provd.")} == set()


@pytest.mark.parametrize("module", ["provtui.app", "provtui.__main__"])
def test_the_terminal_ui_loads_the_client_and_the_wire_contract_alone(module: str) -> None:
    loaded = loaded_by(f"import {module}")
    assert not loaded & {
        "sqlalchemy",
        "sqlmodel",
        "fastapi",
        "uvicorn",
        "alembic",
        "aiosqlite",
        "dns",
        "typer",
    }
    ours = {name.split(".")[1] for name in loaded if name.startswith("provd.")}
    assert ours <= {"client", "schema", "version"}


def test_provctl_does_not_load_the_daemon() -> None:
    loaded = loaded_by("import provd.cli.provctl")
    assert not loaded & {"sqlalchemy", "sqlmodel", "fastapi", "uvicorn", "alembic", "textual", "dns"}


def test_the_daemon_does_not_load_what_the_process_of_a_calls_sound_needs() -> None:
    assert not {each for each in loaded_by("import provd.daemon") if each.startswith(("pyVoIP", "audioop"))}


def test_the_wire_contract_needs_pydantic_alone() -> None:
    import provd.schema

    names = [f"provd.schema.{path.stem}" for path in _modules(provd.schema.__path__[0])]
    loaded = loaded_by("import " + ", ".join(names))
    assert "pydantic" in loaded
    assert not loaded & {"httpx", "sqlalchemy", "fastapi", "textual", "provd.client", "provd.sip"}


def _modules(folder: str) -> list[Path]:
    return [path for path in Path(folder).glob("*.py") if path.stem != "__init__"]
