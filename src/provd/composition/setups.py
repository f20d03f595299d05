"""Trunks at carriers, and the keyring with the secrets that others use too."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass

from provd.carriers.base import AnyCarrier
from provd.carriers.registry import known_carriers
from provd.composition.base import Base
from provd.composition.records import Records
from provd.config import Config
from provd.secrets.vault import open_vault
from provd.services.setups.catalogue import Catalogue, Https
from provd.services.setups.keys import KeyKeeper
from provd.services.setups.runs import SetupRuns
from provd.services.setups.trunks import TrunkService


@dataclass(frozen=True, slots=True)
class Setups:
    """``runs`` are under way; ``trunks`` are there."""

    catalogue: Catalogue
    keys: KeyKeeper
    runs: SetupRuns
    trunks: TrunkService


def compose_setups(config: Config, base: Base, records: Records, more: Sequence[AnyCarrier]) -> Setups:
    """Build them, for the carriers that we know and ``more``."""
    catalogue = Catalogue(
        {**known_carriers(), **{each.name: each for each in more}},
        {name: section.base_url for name, section in config.carriers.items()},
        config.platform.sip_gateways,
        Https(),
        asyncio.sleep,
    )
    keyring = config.keyring
    vault = open_vault(keyring.backend, keyring.key_file, config.daemon.state_dir, os.environ)
    keys = KeyKeeper(base.store, vault)
    runs = SetupRuns(base.store, catalogue, keys, records.providers)
    trunks = TrunkService(base.store, catalogue, keys, runs, records.providers)
    return Setups(catalogue=catalogue, keys=keys, runs=runs, trunks=trunks)
