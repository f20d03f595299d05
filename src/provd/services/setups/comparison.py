"""A trunk at its carrier, compared with the journal of its setup."""

from collections.abc import Sequence

from provd.carriers.api import CarrierApi
from provd.carriers.resource import field, filled, same
from provd.carriers.saga import Step, ids
from provd.schema.setup import Finding


async def compare(api: CarrierApi, steps: Sequence[Step]) -> list[Finding]:
    """What is missing, changed, or on the trunk without being ours. Raises CarrierError."""
    there = [step for step in steps if step.may_be_there and step.carrier_id]
    known = ids(there)
    ours = set(known.values())
    findings: list[Finding] = []
    listed: set[str] = set()
    for step in there:
        findings += await _differences(api, step, known)
        for carrier_id in await api.foreign(step.resource, known, ours | listed):
            listed.add(carrier_id)
            findings.append(_foreign(step, carrier_id))
    return findings


async def _differences(api: CarrierApi, step: Step, known: dict[str, str]) -> list[Finding]:
    found = await api.look(step.resource, known, step.carrier_id)
    if found is None:
        if not step.resource.deletes:
            return []  # what it belongs to is missing, and that is told
        return [
            Finding(
                step=step.resource.step,
                kind="missing",
                carrier_id=step.carrier_id,
                message=f"{step.carrier_id}, made by the step {step.resource.step!r}, is not there any more: "
                "delete this provider with its trunk, and set it up again",
            )
        ]
    return [
        Finding(
            step=step.resource.step,
            kind="changed",
            carrier_id=step.carrier_id,
            field=name,
            expected=wanted,
            found=field(found, name),
            message=f"{name} of {step.carrier_id} is {field(found, name)!r} now, and was made as {wanted!r}",
        )
        for name, value in step.resource.expect.items()
        if not same(wanted := filled(value, known, {}), field(found, name))
    ]


def _foreign(step: Step, carrier_id: str) -> Finding:
    return Finding(
        step=step.resource.step,
        kind="foreign",
        carrier_id=carrier_id,
        message=f"{carrier_id} is on this trunk beside what the step {step.resource.step!r} made, and "
        "provd did not make it: look who did, since it can place calls on this account",
    )
