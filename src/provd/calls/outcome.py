"""What a call's final SIP code says of the network that was to carry it.

ITU-T E.425 counts as effective, beside answered calls, those that ended at the called party: busy, no answer,
refused by them. In SIP that is RFC 6076 section 4.7 (SEER), with 487, by which callers end what only rings,
and 607 (RFC 8197).
"""

EFFECTIVE = frozenset({480, 486, 487, 600, 603, 607})
"""Final codes, beside 2xx, of calls that the network carried to the called party."""


def is_answered(code: int) -> bool:
    """Whether a call with this final code was answered."""
    return 200 <= code < 300


def is_effective(code: int) -> bool:
    """Whether a call with this final code was carried to the called party."""
    return is_answered(code) or code in EFFECTIVE
