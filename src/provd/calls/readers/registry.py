"""The readers by the names of their formats."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from provd.calls.readers.asterisk_cel import AsteriskCelReader
from provd.calls.readers.asterisk_csv import AsteriskCsvReader
from provd.calls.readers.base import Reader
from provd.calls.readers.freeswitch_json import FreeswitchJsonReader
from provd.calls.readers.kamailio_acc import KamailioAccReader


class CallFormat(StrEnum):
    """Whose call records a file has."""

    ASTERISK_CSV = "asterisk-csv"
    ASTERISK_CEL = "asterisk-cel"
    FREESWITCH_JSON = "freeswitch-json"
    KAMAILIO_ACC = "kamailio-acc"


CALL_READERS: Mapping[CallFormat, Callable[[], Reader]] = {
    CallFormat.ASTERISK_CSV: AsteriskCsvReader,
    CallFormat.ASTERISK_CEL: AsteriskCelReader,
    CallFormat.FREESWITCH_JSON: FreeswitchJsonReader,
    CallFormat.KAMAILIO_ACC: KamailioAccReader,
}
"""Times that have no zone of their own are this machine's."""
