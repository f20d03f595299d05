"""The formats by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from provd.routing.formats.asterisk import AsteriskWriter
from provd.routing.formats.asterisk_reader import AsteriskReader
from provd.routing.formats.base import Reader, Writer
from provd.routing.formats.freeswitch import FreeswitchWriter
from provd.routing.formats.freeswitch_reader import FreeswitchReader
from provd.routing.formats.kamailio import KamailioReader, KamailioWriter
from provd.routing.formats.opensips import GatewaysWriter, RecordsWriter, RulesWriter
from provd.routing.formats.opensips_reader import OpensipsReader
from provd.routing.formats.own import CsvWriter, JsonWriter, NdjsonWriter, YamlWriter
from provd.routing.formats.yaml_reader import YamlReader

_TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Format:
    """How a format is written: its files by name, in their order; and its media type and usual file name."""

    media_type: str
    file_name: str
    files: Mapping[str, Callable[[], Writer]]


FORMATS: Mapping[str, Format] = {
    "json": Format("application/json", "providers.json", {"providers.json": JsonWriter}),
    "ndjson": Format("application/x-ndjson", "providers.ndjson", {"providers.ndjson": NdjsonWriter}),
    "yaml": Format("application/yaml", "providers.yaml", {"providers.yaml": YamlWriter}),
    "csv": Format("text/csv; charset=utf-8", "providers.csv", {"providers.csv": CsvWriter}),
    "kamailio": Format(_TEXT, "dispatcher.list", {"dispatcher.list": KamailioWriter}),
    "opensips": Format(
        _TEXT,
        "opensips.txt",
        {"dr_gateways": GatewaysWriter, "dr_rules": RulesWriter, "provd": RecordsWriter},
    ),
    "asterisk": Format(_TEXT, "pjsip_provd.conf", {"pjsip_provd.conf": AsteriskWriter}),
    "freeswitch": Format("application/xml", "provd_gateways.xml", {"provd_gateways.xml": FreeswitchWriter}),
}

READERS: Mapping[str, Callable[[], Reader]] = {
    "yaml": YamlReader,
    "kamailio": KamailioReader,
    "opensips": OpensipsReader,
    "asterisk": AsteriskReader,
    "freeswitch": FreeswitchReader,
}
"""Of the formats that are read by lines alone; JSON, NDJSON and CSV are read where they come in."""
