"""What the line says on which a filter is typed, above all of one that can't be read."""

import pytest

from provd.schema.health import HealthStatus
from provtui.text import width
from tests.fakes.fake_client import FakeDaemon, a_provider
from tests.unit.tui.driving import Driver, running


def three() -> FakeDaemon:
    ill = a_provider("Ill", status=HealthStatus.UNHEALTHY)
    return FakeDaemon([ill, a_provider("Acme", carrier="telnyx"), a_provider("Beta")])


async def line(driver: Driver) -> str:
    """Give the filter line as it stands on the terminal."""
    return next(each for each in (await driver.text()).splitlines() if each.startswith(" / "))


async def test_a_key_that_does_not_exist_is_not_applied_and_the_one_meant_is_named() -> None:
    async with running(three()) as driver:
        await driver.press("slash", *"stat=unhealthy", "enter")
        await driver.settle()
        assert driver.app.focused is driver.table
        said = await line(driver)
        assert said.startswith(" / stat=unhealthy ")
        assert "not applied: no key 'stat': did you mean state=?" in said
        assert driver.names == ["Ill", "Acme", "Beta"]


async def test_the_beginning_of_a_key_is_a_word_until_its_equals_sign_comes() -> None:
    async with running(three()) as driver:
        await driver.press("slash", *"bet")
        assert driver.names == ["Beta"]
        await driver.press("=")
        assert "not applied: no key 'bet'" in await line(driver)


async def test_what_cant_be_read_leaves_the_filter_before_it_in_force_and_says_which() -> None:
    async with running(three()) as driver:
        await driver.press("slash", *"state=healthy", "enter", "slash", "end", "x", "enter")
        await driver.settle()
        said = await line(driver)
        assert said.startswith(" / state=healthyx ")
        assert "not applied, still state=healthy: no state" in said
        assert driver.names == ["Acme", "Beta"]
        await driver.press("slash", "end", "backspace", "enter")
        assert "2 of 3" in await line(driver)


async def test_half_of_what_cant_be_read_is_not_applied_either() -> None:
    async with running(three()) as driver:
        await driver.press("slash")
        await driver.type_into("filter", "beta")
        await driver.type_into("filter", "beta state=zzz")
        assert driver.names == ["Ill", "Acme", "Beta"]


async def test_a_fault_stays_told_after_enter_until_the_text_is_changed_or_cleared() -> None:
    async with running(three()) as driver:
        await driver.press("slash", *"state=zzz", "enter")
        await driver.settle()
        assert "not applied: no state 'zzz'" in await line(driver)
        await driver.press("slash", "end", "backspace", "backspace", "backspace", "u")
        assert "1 of 3" in await line(driver)
        await driver.press("z", "enter", "escape")
        assert driver.names == ["Ill", "Acme", "Beta"]
        assert " / " not in (await driver.text()).splitlines()[1]


@pytest.mark.parametrize("text", ["state=zzz", "name=acme carrier=telnyx state=zzz", "x" * 40 + " state=zzz"])
async def test_what_is_typed_is_whole_beside_what_is_wrong_with_it(text: str) -> None:
    async with running(three()) as driver:
        await driver.press("slash", *text)
        await driver.settle()
        said = await line(driver)
        assert said.startswith(f" / {text} ")
        assert "not applied" in said
        assert said.rstrip().endswith("…")
        assert width(said) == 80


async def test_problems_only_and_marks_are_told_beside_what_is_wrong() -> None:
    async with running(three()) as driver:
        await driver.press("p", "space", "slash", *"state=z", "enter")
        await driver.settle()
        assert "1 marked  not applied, still problems only: no state 'z'" in await line(driver)
        assert driver.names == ["Ill"]


async def test_the_filter_of_the_line_of_commands_is_held_to_the_same() -> None:
    async with running(three()) as driver:
        await driver.press("colon", *"filter carier=telnyx", "enter")
        await driver.until(lambda: driver.app.focused is driver.table)
        await driver.settle()
        assert "not applied: no key 'carier': did you mean carrier=?" in await line(driver)
        assert driver.names == ["Ill", "Acme", "Beta"]
