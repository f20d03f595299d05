"""docs/alerts.md has every field that the bodies of rules and channels may have."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from provd.schema.alerts import ChannelRequest, RuleSpec

PAGE = (Path(__file__).parents[3] / "docs" / "alerts.md").read_text()


def fields_after(words: str) -> set[str]:
    """The first cells of the first table after ``words``."""
    _, _, rest = PAGE.partition(words)
    table = rest.partition("| field | |\n|---|---|\n")[2].partition("\n\n")[0]
    return {name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1])}


@pytest.mark.parametrize(
    ("words", "model"),
    [("The body of a rule, for the API", RuleSpec), ("The body of a channel, for the API", ChannelRequest)],
)
def test_every_field_of_the_body_is_in_its_table(words: str, model: type[BaseModel]) -> None:
    assert fields_after(words) == set(model.model_fields)
