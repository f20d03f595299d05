"""Round-trip times counted from batches of samples."""

from array import array
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from provd.probe.samples import pack
from provd.probe.settings import ProbeSettings
from provd.probe.target import Target, Watch
from provd.schema.hostname import parse_hostname
from provd.services.metrics.rtt import MOST_CARRIERS, RttHistograms


def target(key: str) -> Target:
    return Target(Watch(key, parse_hostname("192.0.2.1"), ProbeSettings()), ("192.0.2.1", 5060))


class Batches:
    def __init__(self) -> None:
        self.taken: tuple[list[Target], array[int]] = ([], array("Q"))

    def put(self, key: str, *rtts_ms: float | None) -> None:
        for rtt_ms in rtts_ms:
            self.taken[0].append(target(key))
            self.taken[1].append(pack(1.7e9, rtt_ms, rtt_ms is not None, True))

    def take(self) -> "tuple[Sequence[Target], array[int]]":
        taken, self.taken = self.taken, ([], array("Q"))
        return taken


async def counted(batches: Batches, carriers: dict[str, str]) -> CollectorRegistry:
    rtt = RttHistograms(carriers)
    list(rtt.collect())  # the first time
    taken = rtt.tap(batches.take)()
    assert len(taken[0]) == len(taken[1])
    await rtt.count()
    registry = CollectorRegistry()
    registry.register(rtt)
    return registry


@settings(deadline=None)
@given(st.lists(st.none() | st.floats(0, 60_000), max_size=50))
async def test_every_answer_is_in_the_buckets_that_it_belongs_to(rtts_ms: list[float | None]) -> None:
    batches = Batches()
    batches.put("a", *rtts_ms)
    registry = await counted(batches, {})
    units = [round(each * 100 + 1e-9) for each in rtts_ms if each is not None]
    for bound in ("0.001", "0.01", "0.1", "1.0", "5.0", "+Inf"):
        expected = sum(
            int(value * 100 + 0.5) <= float(bound) * 100_000 for value in rtts_ms if value is not None
        )
        assert registry.get_sample_value("provd_rtt_seconds_bucket", {"le": bound}) == expected
    assert registry.get_sample_value("provd_rtt_seconds_count") == len(units)


async def test_carriers_have_their_own_up_to_a_number_and_the_others_one_together() -> None:
    batches = Batches()
    carriers = {str(number): f"carrier {number}" for number in range(MOST_CARRIERS + 10)}
    for key in carriers:
        batches.put(key, 20.0, None)
    batches.put("of none", 20.0)
    registry = await counted(batches, carriers)

    def count(carrier: str) -> float | None:
        return registry.get_sample_value("provd_carrier_rtt_seconds_count", {"carrier": carrier})

    assert count("carrier 0") == 1
    assert count("other") == 10
    assert count(f"carrier {MOST_CARRIERS + 1}") is None
    assert registry.get_sample_value("provd_rtt_seconds_count") == MOST_CARRIERS + 11
    total = registry.get_sample_value("provd_carrier_rtt_seconds_sum", {"carrier": "other"})
    assert total is not None
    assert abs(total - 0.2) < 1e-9


async def test_nothing_is_counted_before_somebody_asks() -> None:
    batches, rtt = Batches(), RttHistograms({})
    batches.put("a", 1.0)
    take = rtt.tap(batches.take)
    take()
    await rtt.count()
    registry = CollectorRegistry()
    registry.register(rtt)
    assert registry.get_sample_value("provd_rtt_seconds_count") == 0
    batches.put("a", 1.0)
    take()
    await rtt.count()
    assert registry.get_sample_value("provd_rtt_seconds_count") == 1
