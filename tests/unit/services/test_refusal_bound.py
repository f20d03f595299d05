"""How many refused attempts are written down."""

from provd.services.refusal_bound import IN_ALL, OF_ONE, WITHIN_S, RefusalBound


def test_one_uid_does_not_use_up_what_others_have() -> None:
    bound = RefusalBound()
    assert [bound.admits(1, 0.0) for _ in range(OF_ONE + 3)] == [True] * OF_ONE + [False] * 3
    assert bound.admits(2, 0.0)
    assert bound.ended(WITHIN_S - 1) == 0
    assert bound.ended(WITHIN_S) == 3
    assert bound.admits(1, WITHIN_S)


def test_many_uids_together_are_bounded_too() -> None:
    bound = RefusalBound()
    admitted = [bound.admits(uid, 0.0) for uid in range(IN_ALL + 50)]
    assert sum(admitted) == IN_ALL
    assert bound.close() == 50
    assert bound.close() == 0
