"""Setups, plans and comparisons as text for people."""

import json
from collections.abc import Sequence

from provd.cli.api_words import in_commands
from provd.cli.output import columns, facts, printable
from provd.schema.carriers import CarrierInfo
from provd.schema.setup import (
    KeyringReport,
    Setup,
    SetupPlan,
    SetupStepEvent,
    StepState,
    Verification,
)

_SIGNS = {
    StepState.PLANNED: " ",
    StepState.INTENDED: ".",
    StepState.DONE: "+",
    StepState.UNDONE: "-",
    StepState.LEFT: "!",
}


def carrier_table(carriers: Sequence[CarrierInfo]) -> str:
    """Carriers, with what each wants to know."""
    rows = [
        (
            each.name,
            each.title,
            ", ".join(each.credentials.get("properties", {})),
            ", ".join(each.settings.get("properties", {})),
        )
        for each in carriers
    ]
    return columns(("NAME", "CARRIER", "CREDENTIALS", "SETTINGS"), rows)


def plan_text(plan: SetupPlan) -> str:
    """Each call of a plan with its body, the provider, and what is left to do by hand."""
    lines = []
    for number, call in enumerate(plan.calls, 1):
        lines.append(f"{number}. {call.title}: {call.method} {call.url}")
        lines.append(f"   {json.dumps(call.body, ensure_ascii=False)}")
    provider = plan.provider
    lines.append(
        f"Then the provider {provider.name} is added: {provider.hostname} over {provider.transport.value}."
    )
    lines += [f"By hand: {each}" for each in plan.by_hand]
    return "\n".join(map(printable, lines))


def setup_table(setups: Sequence[Setup]) -> str:
    """Setups, one a line."""
    rows = [
        (
            each.id,
            each.state.value,
            each.carrier,
            each.name,
            f"{sum(step.state is StepState.DONE for step in each.steps)}/{len(each.steps)}",
            each.tm_create[:19],
            in_commands(each.error),
        )
        for each in setups
    ]
    return columns(("ID", "STATE", "CARRIER", "NAME", "STEPS", "BEGUN", "ERROR"), rows)


def setup_facts(setup: Setup) -> str:
    """One setup with its journal."""
    key = f"ends in {setup.key_ends}" if setup.key_ends else "none in the keyring"
    if setup.key_verified_at:
        key = f"{key or 'in the keyring'}, proved {setup.key_verified_at[:19]}"
    text = facts(
        [
            ("id", setup.id),
            ("state", setup.state.value),
            ("carrier", setup.carrier),
            ("name", setup.name),
            ("provider", setup.provider_id or "none"),
            ("key", key),
            ("by", f"{setup.by}, {setup.tm_create[:19]}"),
            *([("error", in_commands(setup.error))] if setup.error else []),
        ]
    )
    steps = columns(
        ("STEP", "STATE", "ID AT THE CARRIER", "WHAT", "NOTE"),
        [
            (each.step, each.state.value, each.carrier_id, each.title, in_commands(each.note))
            for each in setup.steps
        ],
    )
    by_hand = "".join(f"\nby hand: {printable(each)}" for each in setup.by_hand)
    return f"{text}\n\n{steps}{by_hand}"


def step_line(event: SetupStepEvent) -> str:
    """A step that went on."""
    note = f": {in_commands(event.note)}" if event.note else ""
    sign = _SIGNS[event.state]
    return printable(f"{sign} {event.number}/{event.steps} {event.title} ({event.state.value}){note}")


def verification_text(found: Verification) -> str:
    """What a comparison found."""
    lines = [f"{each.kind:8}{each.message}" for each in found.findings] or [
        "the carrier has what was set up, and nothing else"
    ]
    if found.account is not None and found.account.balance:
        lines.append(f"balance {found.account.balance} {found.account.currency}".rstrip())
    lines.append(f"numbers {', '.join(found.numbers) or 'none'}")
    return "\n".join(map(printable, lines))


def keyring_facts(report: KeyringReport) -> str:
    """Which keyring is in use, and whether it works."""
    works = "an entry was written, read and removed" if report.usable else f"NO: {report.error}"
    return facts(
        [
            ("backend", report.backend),
            ("where", report.description),
            ("works", works),
            ("keys", str(report.keys)),
        ]
    )
