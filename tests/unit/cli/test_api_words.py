"""Who has provctl is told what to do with it, not with the API."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from provd.cli.api_words import in_commands

SOURCE = Path(__file__).parents[3] / "src" / "provd"
CALL = re.compile(r"\b(GET|PUT|POST|PATCH|DELETE) (/|one )|/v1\.0|\?\w+=|\bsettings\.\w+|\bone_of\b")
NEVER_MET = ("name it by ?format=", "GET /openapi.json lists every path")
"""Messages about what provctl does not leave out."""


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("or delete them with it by ?cascade=true", "or delete them with it by --cascade"),
        (
            "DELETE /v1.0/providers/3f0c9f5e-8a8e?deprovision=true removes both",
            "provctl providers delete 3f0c9f5e-8a8e --deprovision removes both",
        ),
        (
            "the rule unhealthy is built in: PUT one of the same name with enabled = false in its place",
            "the rule unhealthy is built in: provctl alerts rule set unhealthy --off has it do nothing",
        ),
        (
            "there is no channel ops: GET /v1.0/alerts/channels lists them",
            "there is no channel ops: provctl alerts channels lists them",
        ),
        (
            "GET /v1.0/setups/3f0c tells, and POST /v1.0/setups/3f0c/rollback tries now.",
            "provctl setup show 3f0c tells, and provctl setup rollback 3f0c tries now.",
        ),
        (
            "GET /v1.0/routes/3f0c/revisions lists those that are",
            "provctl routes revisions 3f0c lists those that are",
        ),
        (
            "put them into settings.gateways, or as sip_gateways",
            "give them with --set gateways=..., or as sip_gateways",
        ),
        ("or set settings.inbound to false", "or give --set inbound=false"),
        ("settings.fqdns is empty", "--set fqdns is empty"),
        (
            "rtt_p95_ms is a number: give either above or below, and no one_of",
            "rtt_p95_ms is a number: give either --above or --below, and no --is",
        ),
        ("it is empty", "it is empty"),
    ],
)
def test_a_call_of_the_api_is_told_as_a_command(said: str, told: str) -> None:
    assert in_commands(said) == told


def test_no_message_of_the_daemon_speaks_of_the_api_to_those_who_have_provctl() -> None:
    speaking = [said for said in messages() if " " in said and CALL.search(said)]
    assert len(speaking) > 20
    kept = [each for each in speaking if CALL.search(in_commands(each)) and not each.endswith(NEVER_MET)]
    assert kept == []


def messages() -> Iterator[str]:
    """The texts that the daemon may answer with; X for what is put into them."""
    for file in (
        *SOURCE.glob("services/**/*.py"),
        *SOURCE.glob("api/**/*.py"),
        *SOURCE.glob("carriers/**/*.py"),
        *SOURCE.glob("schema/*.py"),
    ):
        tree = ast.parse(file.read_text())
        skipped = {id(part) for each in ast.walk(tree) for part in not_told(each)}
        for each in ast.walk(tree):
            if id(each) in skipped:
                continue
            if isinstance(each, ast.Constant) and isinstance(each.value, str):
                yield each.value
            elif isinstance(each, ast.JoinedStr):
                yield "".join(part.value if isinstance(part, ast.Constant) else "X" for part in each.values)


def not_told(node: ast.AST) -> Iterator[ast.AST]:
    """What of a node is no message: its docstring, the parts of a text that is put together."""
    if isinstance(node, ast.JoinedStr):
        yield from node.values
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value
