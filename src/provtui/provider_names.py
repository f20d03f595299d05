"""Providers by names that tell them apart, for where one is typed."""

from collections import Counter
from collections.abc import Iterable

from provd.schema.provider import Provider
from provtui.text import clean

_NAMED = 3


class ProviderNames:
    """Each provider's name; of those with the same, with the hostname after it, or else the id."""

    def __init__(self, providers: Iterable[Provider]) -> None:
        known = list(providers)
        self._names = {provider.id: _name(provider) for provider in known}
        for longer in (_name_and_host, _name_and_id):
            known = _alike(known, self._names)
            self._names |= {provider.id: longer(provider) for provider in known}
        self._ids = {name.casefold(): provider_id for provider_id, name in self._names.items()}
        self.all = tuple(sorted(self._names.values(), key=str.casefold))

    def name(self, provider_id: str) -> str:
        """Give a provider's name; the id itself when there is no such provider."""
        return self._names.get(provider_id, provider_id)

    def id(self, text: str) -> str:
        """Give the id of the provider that is called ``text``, whatever the letter case.

        Raises ValueError, to stand after the field's name, with what to write instead.
        """
        wanted = text.strip().casefold()
        if not wanted:
            raise ValueError("is empty: give the name of the provider that the calls go to")
        found = self._ids.get(wanted)
        if found is not None:
            return found
        if wanted in self._names:
            return wanted
        fitting = [name for name in self.all if wanted in name.casefold()]
        if not fitting:
            raise ValueError("fits no name in the fleet")
        named = ", ".join(fitting[:_NAMED]) + (", …" if len(fitting) > _NAMED else "")
        raise ValueError(f"is not the whole name: {named}")

    def id_of_part(self, text: str) -> str:
        """Give the id of the provider that is called ``text``, or of the only one that has it in its name.

        Raises ValueError as ``id`` does.
        """
        wanted = text.strip().casefold()
        fitting = [name for name in self.all if wanted and wanted in name.casefold()]
        only_one = len(fitting) == 1 and wanted not in self._ids
        return self.id(fitting[0] if only_one else text)


def _name(provider: Provider) -> str:
    return clean(provider.name).strip() or provider.id


def _name_and_host(provider: Provider) -> str:
    return f"{_name(provider)} ({clean(provider.hostname)})"


def _name_and_id(provider: Provider) -> str:
    return f"{_name(provider)} ({provider.id})"


def _alike(providers: list[Provider], names: dict[str, str]) -> list[Provider]:
    times = Counter(name.casefold() for name in names.values())
    return [provider for provider in providers if times[names[provider.id].casefold()] > 1]
