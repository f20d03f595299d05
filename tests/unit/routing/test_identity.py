"""Who a call says it is from, as each carrier sees it."""

import pytest

from provd.routing.identity import caller_warnings, header_warnings

OURS = "+4930123456"


@pytest.mark.parametrize(
    ("carrier", "headers", "told"),
    [
        ("telnyx", ["X-Telnyx-Token"], []),
        (
            "twilio",
            ["x-telnyx-token"],
            ["Twilio ignores the header x-telnyx-token, which is another carrier's"],
        ),
        (
            "twilio",
            ["P-Preferred-Identity"],
            ["Twilio ignores the header P-Preferred-Identity: it reads From, "],
        ),
        ("twilio", ["P-Asserted-Identity"], ["from From before it looks at the header P-Asserted-Identity"]),
        ("telnyx", ["P-Asserted-Identity"], []),
        (
            "telnyx",
            ["Remote-Party-ID", "P-Asserted-Identity"],
            ["from P-Asserted-Identity before it looks at the header Remote-Party-ID"],
        ),
        ("", ["X-Telnyx-Token", "P-Preferred-Identity"], []),
        ("bandwidth", ["X-Telnyx-Token"], []),
        ("telnyx", ["X-Account"], []),
    ],
)
def test_a_header_that_the_carrier_ignores_is_told(carrier: str, headers: list[str], told: list[str]) -> None:
    found = header_warnings(carrier, dict.fromkeys(headers, "x"))
    assert len(found) == len(told)
    assert all(part in whole for part, whole in zip(told, found, strict=True))


@pytest.mark.parametrize(
    ("carrier", "headers", "caller", "told"),
    [
        ("twilio", [], OURS, None),
        ("twilio", [], "", None),
        ("twilio", ["P-Asserted-Identity"], OURS, None),
        (
            "twilio",
            [],
            "030123456",
            "030123456 has no country code: Twilio wants E.164; it must be one of yours",
        ),
        ("telnyx", [], "030123456", "D35"),
        ("", [], "030123456", "many carriers want E.164"),
        ("telnyx", ["p-asserted-identity"], OURS, "takes the caller from the header p-asserted-identity"),
        ("", ["P-Asserted-Identity"], OURS, None),
        ("telnyx", [], "anonymous", "the caller 'anonymous' has 'a'"),
    ],
)
def test_a_caller_that_the_carrier_may_refuse_is_told(
    carrier: str, headers: list[str], caller: str, told: str | None
) -> None:
    found = caller_warnings(carrier, dict.fromkeys(headers, "x"), caller)
    assert len(found) == (told is not None)
    assert told is None or told in found[0]
