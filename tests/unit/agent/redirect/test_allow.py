"""Who may ask, when that changes."""

from provd.agent.redirect.allow import AllowList


def test_other_networks_count_at_once_for_sources_that_asked_before() -> None:
    allowed = AllowList(["127.0.0.0/8"])
    assert allowed.admits("127.0.0.1")
    assert not allowed.admits("192.0.2.7")
    allowed.replace(["192.0.2.0/24"])
    assert not allowed.admits("127.0.0.1")
    assert allowed.admits("192.0.2.7")
