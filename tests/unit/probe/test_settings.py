"""What follows from how a provider is checked."""

import pytest

from provd.probe.settings import ProbeSettings


@pytest.mark.parametrize(
    ("settings", "seconds"),
    [
        (ProbeSettings(interval_s=60, timeout_s=4), 64),
        (ProbeSettings(interval_s=60, timeout_s=4, rise=3), 184),
        (ProbeSettings(interval_s=5, timeout_s=4, min_interval_s=15, rise=2), 34),
    ],
)
def test_a_target_that_works_again_is_known_to_within_so_many_checks(
    settings: ProbeSettings, seconds: float
) -> None:
    assert settings.settle_s == seconds
