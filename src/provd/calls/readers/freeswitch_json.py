"""FreeSWITCH's CDRs as mod_json_cdr writes them, with ``log-b-leg`` on: one JSON object after another.

The leg towards the carrier tells: its ``direction`` is ``outbound``, and ``sip_gateway_name`` names the
gateway. Values may be URL-encoded.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from provd.calls.readers.base import Bad, Call, Found, Place, timestamp
from provd.calls.readers.causes import code_of_cause

LONGEST = 1024 * 1024
"""Characters of one object."""

_FAILURES = ("sip_invite_failure_status", "sip_term_status")
_WORST_MOS, _BEST_MOS = 1.0, 5.0


class FreeswitchJsonReader:
    """Reads objects that are a line each, or many lines."""

    def __init__(self) -> None:
        self.others = 0
        self._held: list[str] = []
        self._length = 0
        self._begin: Place | None = None

    def feed(self, place: Place, text: str) -> Iterable[Found]:
        """Take a line."""
        found: list[Found] = []
        if text.startswith("{") and self._begin is not None:
            found.append(self._broken("is an object that ends in the middle"))
        if self._begin is None:
            if not text.strip():
                return found
            self._begin = place
        self._held.append(text)
        self._length += len(text)
        if self._length > LONGEST:
            found.append(self._broken(f"is an object of over {LONGEST} characters"))
        elif text.rstrip().endswith("}") and (text.startswith("{") or text.rstrip() == "}"):
            found += self._object()
        elif not self._held[0].lstrip().startswith("{"):
            found.append(self._broken("is not JSON"))
        return found

    def close(self, now: float) -> Iterable[Found]:
        """Tell of the object that has not ended, if there is one: none goes on in another file."""
        return [] if self._begin is None else [self._broken("is an object that does not end")]

    def oldest(self) -> Place | None:
        """Where the object begins that has not ended."""
        return self._begin

    def _broken(self, message: str) -> Bad:
        begin = self._begin or Place(1, 0)
        self._forget()
        return Bad(begin, message)

    def _forget(self) -> None:
        self._held, self._length, self._begin = [], 0, None

    def _object(self) -> Iterable[Found]:
        begin = self._begin or Place(1, 0)
        try:
            read = json.loads("\n".join(self._held))
        except RecursionError:
            return [self._broken("is nested too deep")]
        except ValueError as error:
            if len(self._held) > 1 and self._held[-1] != "}":
                return []  # an inner object ended
            return [self._broken(f"is not JSON: {error}")]
        self._forget()
        try:
            record = _record(read)
        except (ValueError, OverflowError) as error:
            return [Bad(begin, str(error))]
        if record is None:
            self.others += 1
            return []
        return [Call(begin, record)]


def _record(read: Any) -> dict[str, Any] | None:
    variables = read.get("variables") if isinstance(read, dict) else None
    if not isinstance(variables, dict):
        raise ValueError("has no variables: it is no CDR of mod_json_cdr")
    told = {str(name): unquote(value) for name, value in variables.items() if isinstance(value, str)}
    gateway = told.get("sip_gateway_name")
    if not gateway or told.get("direction") != "outbound":
        return None
    begun, ended = _us(told, "start_uepoch"), _us(told, "end_uepoch")
    if begun is None:
        raise ValueError("has no start_uepoch among its variables")
    record: dict[str, Any] = {
        "id": (told.get("uuid") or str(read.get("core-uuid", "")))[:255] or None,
        "provider": gateway[:255],
        "at": timestamp(begun / 1e6),
        "destination": _destination(read, told)[:255],
        "codec": (told.get("write_codec") or told.get("read_codec") or "")[:64],
    }
    answered = _us(told, "answer_uepoch")
    rang = [at for at in (_us(told, "progress_uepoch"), _us(told, "progress_media_uepoch")) if at is not None]
    first = min(rang, default=answered if answered is not None else ended)
    if first is not None:
        record["pdd_ms"] = max(0.0, (first - begun) / 1000)
    if answered is None:
        return {**record, "code": _failure(told)}
    record["setup_ms"] = max(0.0, (answered - begun) / 1000)
    if ended is not None:
        record["duration_s"] = max(0.0, (ended - answered) / 1e6)
    mos = _number(told, "rtp_audio_in_mos")
    if (
        mos is not None
        and _WORST_MOS <= mos <= _BEST_MOS
        and _number(told, "rtp_audio_in_media_packet_count")
    ):
        record["mos"] = mos
    return {**record, "code": 200}


def _failure(told: Mapping[str, str]) -> int:
    told_by_sip = [told.get(name, "") for name in _FAILURES]
    told_by_sip.append(told.get("proto_specific_hangup_cause", "").removeprefix("sip:"))
    for text in told_by_sip:
        if text.isascii() and text.isdigit() and 300 <= int(text[:9]) <= 699:
            return int(text)
    cause = _number(told, "hangup_cause_q850")
    if cause is None:
        raise ValueError("was not answered, and has neither a SIP status nor hangup_cause_q850")
    return code_of_cause(int(cause))


def _destination(read: Mapping[str, Any], told: Mapping[str, str]) -> str:
    flows = read.get("callflow")
    flow = flows[0] if isinstance(flows, list) and flows else flows
    profile = flow.get("caller_profile") if isinstance(flow, dict) else None
    number = profile.get("destination_number") if isinstance(profile, dict) else None
    return unquote(number) if isinstance(number, str) else told.get("sip_to_user", "")


def _us(told: Mapping[str, str], name: str) -> float | None:
    """A time in microseconds since 1970; None where it has not happened, which FreeSWITCH writes as 0."""
    return _number(told, name) or None


def _number(told: Mapping[str, str], name: str) -> float | None:
    try:
        value = float(told[name])
    except (KeyError, ValueError):
        return None
    return value if 0 <= value < 1e18 else None
