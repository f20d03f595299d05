"""Figures of calls as people see them."""

from provd.cli.calls.importing import Counts
from provd.cli.calls.text import import_summary, stats_text
from provd.schema.calls import CallStats

AT = "2026-04-20 10:00:00.000000"
NOW = {
    "attempts": 200, "asr_pct": 50.0, "ner_pct": 75.5, "acd_s": 61.25, "pdd_p50_ms": 800.0,
    "codes": [{"code": 200, "count": 100}, {"code": 503, "count": 49}],
}  # fmt: skip
STATS = {
    "provider_id": "p", "from": AT, "to": AT, "direction": "outbound", "calls": NOW,
    "week_before": {"attempts": 210, "ner_pct": 95.0}, "trend": {"attempts": -10, "ner_pct": -19.5},
    "countries": [{"country": "GB", "attempts": 150}, {"country": "", "attempts": 50}],
}  # fmt: skip


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("  ") if cell.strip()]


def test_now_and_a_week_before_stand_side_by_side_and_countries_below() -> None:
    lines = stats_text("Acme\x1b", CallStats.model_validate(STATS)).splitlines()
    shown = {row[0]: row[1:] for row in map(cells, lines) if row}
    assert shown["provider"] == ["Acme\ufffd"]
    assert shown["codes"] == ["100 x 200, 49 x 503"]
    assert shown["calls"] in (["outbound"], ["200", "210", "-10"])
    assert shown["effective (NER)"] == ["75.5 %", "95 %", "-19.5 points"]
    assert shown["answered (ASR)"] == ["50 %", "-", "-"]
    assert shown["GB"][0] == "150"
    assert shown["unknown"][0] == "50"


def test_an_import_ends_with_what_became_of_its_lines() -> None:
    counts = Counts(lines=10, created=6, duplicates=1, others=2)
    assert import_summary(counts, 0, []) == (
        "10 lines: 6 calls added, 1 known before, 2 of no call, 0 set aside"
    )
    assert import_summary(counts, 1, ["a.rejected"]).endswith("1 set aside in a.rejected")
