"""What becomes of controls, as the server states it."""

from __future__ import annotations

import pytest

from instruments.errors import ConfigurationError
from instruments.utility_server.active_power import encode
from instruments.utility_server.programs import Control, EventStatus, Programs, Values

EXPORT = Values({"export_w": encode(1000.0)})
GENERATION = Values({"generation_w": encode(1000.0)})


def added(
    programs: Programs, start_s: int, duration_s: int, primacy: int = 1, values: Values = EXPORT
) -> Control:
    return programs.add(primacy, values, 0, start_s, duration_s, 0)


def status(programs: Programs, control: Control, now_s: float) -> EventStatus:
    return programs.of(1).status(programs.of(1).controls[control.mrid], now_s)[0]


@pytest.mark.parametrize(
    ("now_s", "expected"), [(99.9, EventStatus.SCHEDULED), (100.0, EventStatus.ACTIVE)]
)
def test_a_control_is_scheduled_until_its_start(now_s: float, expected: EventStatus) -> None:
    programs = Programs()
    assert status(programs, added(programs, 100, 60), now_s) == expected


def test_a_later_control_supersedes_from_where_they_overlap() -> None:
    programs = Programs()
    first = added(programs, 100, 60)
    added(programs, 130, 60)
    found = [status(programs, first, now_s) for now_s in (129.0, 130.0)]
    assert found == [EventStatus.ACTIVE, EventStatus.SUPERSEDED]


def test_a_control_of_another_quantity_supersedes_nothing() -> None:
    programs = Programs()
    first = added(programs, 100, 60)
    added(programs, 100, 60, values=GENERATION)
    assert status(programs, first, 120.0) is EventStatus.ACTIVE


def test_a_cancelled_control_supersedes_nothing() -> None:
    programs = Programs()
    first = added(programs, 100, 60)
    programs.cancel(added(programs, 100, 60).mrid, 90)
    assert status(programs, first, 120.0) is EventStatus.ACTIVE


def test_a_cancelled_control_stays_listed_until_its_end() -> None:
    programs = Programs()
    control = added(programs, 100, 60)
    programs.cancel(control.mrid, 110)
    lengths = [len(programs.of(1).listed(now_s)) for now_s in (159.0, 160.0)]
    assert (status(programs, control, 120.0), lengths) == (EventStatus.CANCELLED, [1, 0])


def test_only_a_more_important_program_outranks() -> None:
    programs = Programs()
    below, above = added(programs, 100, 60, primacy=5), added(programs, 120, 60, primacy=2)
    assert programs.outranked(programs.of(5), below)
    assert not programs.outranked(programs.of(2), above)


def test_an_unknown_control_cannot_be_cancelled() -> None:
    with pytest.raises(ConfigurationError, match="published none"):
        Programs().cancel("C1", 0)


def test_identifiers_fit_and_differ() -> None:
    programs = Programs()
    made = {added(programs, 100, 60).mrid for _ in range(20)}
    assert len(made) == 20
    assert all(len(mrid) == 32 and int(mrid, 16) for mrid in made)
