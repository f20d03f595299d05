"""Every baseline is a test's: pytest-xdist keeps syrupy from telling of those that are left over."""

from pathlib import Path

import pytest

from tests.snapshot.conftest import ROOT, some_were_left_out


def test_no_baseline_is_left_of_a_test_that_is_gone(request: pytest.FixtureRequest) -> None:
    if some_were_left_out(request.config) or request.config.option.update_snapshots:
        pytest.skip("not all snapshot tests were asked for, or what is left is about to be deleted")
    tests: dict[Path, set[str]] = {}
    for item in request.session.items:
        tests.setdefault(item.path, set()).add(item.name)
    for folder in (ROOT / "snapshots").iterdir():
        module = Path(__file__).with_name(f"{folder.name}.py")
        assert module.exists(), f"{folder} has the baselines of no test file: delete it"
        if module in tests:
            left = {each.stem for each in folder.iterdir()} - tests[module]
            assert left == set(), f"{folder} has baselines of no test: delete them"
