"""What was found is kept for its TTL."""

from provd.probe.naming.cache import ResolutionCache
from provd.probe.naming.resolution import Candidate, Resolution
from provd.schema.health import Cause


def to(address: str, ttl_s: float = 100.0) -> Resolution:
    return Resolution((Candidate((address, 5060)),), ttl_s=ttl_s, took_ms=7.0)


def test_it_is_kept_until_its_ttl_has_passed_and_says_how_much_is_left() -> None:
    cache = ResolutionCache(10)
    cache.put("a", to("192.0.2.1"), now=1000.0)
    kept = cache.get("a", now=1099.0)
    assert kept is not None
    assert (kept.addresses, kept.ttl_s, kept.took_ms) == ((("192.0.2.1", 5060),), 1.0, 0.0)
    assert cache.get("a", now=1100.0) is None
    assert cache.get("a", now=1099.0) is None  # gone for good


def test_a_failure_is_not_kept_and_ends_what_was() -> None:
    cache = ResolutionCache(10)
    cache.put("a", to("192.0.2.1"), now=0.0)
    cache.put("a", Resolution(cause=Cause.DNS_TIMEOUT), now=1.0)
    assert cache.get("a", now=2.0) is None


def test_beyond_its_size_the_oldest_goes() -> None:
    cache = ResolutionCache(2)
    cache.put("a", to("192.0.2.1"), now=0.0)
    cache.put("b", to("192.0.2.2"), now=1.0)
    cache.put("a", to("192.0.2.3"), now=2.0)  # newer than b now
    cache.put("c", to("192.0.2.4"), now=3.0)
    assert cache.get("b", now=4.0) is None
    assert cache.get("a", now=4.0) is not None
    assert cache.get("c", now=4.0) is not None
