"""Causes of ITU-T Q.850 as SIP codes (RFC 3398 section 7.2.4.1), of calls that were not answered."""

_CODES = {
    1: 404, 2: 404, 3: 404, 16: 487, 17: 486, 18: 408, 19: 480, 20: 480, 21: 403, 22: 410, 23: 410,
    26: 404, 27: 502, 28: 484, 29: 501, 31: 480, 34: 503, 38: 503, 41: 503, 42: 503, 47: 503,
    55: 403, 57: 403, 58: 503,
    65: 488, 70: 488, 79: 501, 87: 403, 88: 503, 102: 504, 111: 500, 127: 500,
}  # fmt: skip
_UNKNOWN = 500


def code_of_cause(cause: int) -> int:
    """The SIP code of a cause. 16, normal clearing, is of a caller who gave up."""
    return _CODES.get(cause, _UNKNOWN)
