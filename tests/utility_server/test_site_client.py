"""Server and client together, over TLS, on the virtual clock: what the site exports then."""

from __future__ import annotations

import pytest

from instruments.utility import ControlOrder, DefaultOrder, SiteLimits
from tests.utility_server.csip_bench import CsipBench, csip_bench

TOLERANCE_W = 100.0
SETTLED_S = 12.0


def exports(bench: CsipBench, limit_w: float) -> bool:
    return abs(bench.power_w() - limit_w) <= TOLERANCE_W


def test_the_default_holds_while_no_control_is_active() -> None:
    with csip_bench() as bench:
        bench.default(3000.0)
        control = bench.control(7000.0, 30.0, 60.0)
        found = []
        for wait_s in (25.0, 30.0, 50.0):
            bench.clock.sleep(wait_s)
            found.append(round(bench.power_w(), -2))
        assert found == [3000.0, 7000.0, 3000.0]
        assert bench.statuses(control) == [1, 2, 3]
        assert bench.server.complaints() == ()


def test_an_export_limit_leaves_the_load_to_the_inverter() -> None:
    with csip_bench(load_w=3000.0) as bench:
        bench.default(2000.0)
        bench.clock.sleep(SETTLED_S)
        now_s = bench.world.now_s
        generated_w = sum(bench.world.averages(now_s - 1.0, now_s).active_powers_w)
        assert exports(bench, 2000.0)
        assert generated_w == pytest.approx(5000.0, abs=TOLERANCE_W)


def test_a_generation_limit_does_not_care_for_the_load() -> None:
    with csip_bench(load_w=3000.0) as bench:
        bench.server.publish_default(DefaultOrder(SiteLimits(generation_w=4000.0), 0.0), 1)
        bench.clock.sleep(SETTLED_S)
        assert exports(bench, 1000.0)


def test_the_lower_of_export_and_generation_limit_governs() -> None:
    with csip_bench() as bench:
        limits = SiteLimits(export_w=5000.0, generation_w=3000.0)
        bench.server.publish_default(DefaultOrder(limits, 0.0), 1)
        bench.clock.sleep(SETTLED_S)
        assert exports(bench, 3000.0)


def test_the_gradient_limits_how_fast_a_limit_is_reached() -> None:
    with csip_bench() as bench:
        bench.default(0.0, gradient=1.0)
        bench.clock.sleep(60.0)
        # From full power at 1 % of 10 kW a second: 100 W a second since the first visit.
        assert bench.power_w(0.2) == pytest.approx(10_000.0 - 60.0 * 100.0, abs=300.0)


def test_a_cancelled_control_gives_way_to_the_default_with_the_next_visit() -> None:
    with csip_bench() as bench:
        bench.default(3000.0)
        control = bench.control(8000.0, 5.0, 600.0)
        bench.clock.sleep(40.0)
        assert exports(bench, 8000.0)
        bench.server.cancel(control.control_id)
        bench.clock.sleep(20.0 + SETTLED_S)
        assert exports(bench, 3000.0)
        assert bench.statuses(control) == [1, 2, 6]


def test_the_lower_primacy_number_wins_and_the_loser_is_answered_superseded() -> None:
    with csip_bench() as bench:
        bench.default(3000.0)
        loser = bench.control(9000.0, 30.0, 60.0, primacy=5)
        winner = bench.control(5000.0, 40.0, 60.0, primacy=2)
        bench.clock.sleep(65.0)
        assert exports(bench, 5000.0)
        assert (bench.statuses(loser), bench.statuses(winner)) == ([1, 2, 7], [1, 2])


def test_a_later_control_of_the_same_program_takes_over() -> None:
    with csip_bench() as bench:
        bench.default(3000.0)
        first = bench.control(9000.0, 25.0, 90.0)
        bench.clock.sleep(1.0)
        bench.control(6000.0, 40.0, 60.0)
        bench.clock.sleep(75.0)
        assert exports(bench, 6000.0)
        assert bench.statuses(first) == [1, 2, 7]


@pytest.mark.parametrize("manner", ["error", "refused"])
def test_an_outage_is_bridged_by_the_stored_schedule_and_ends_at_the_default(manner: str) -> None:
    with csip_bench() as bench:
        bench.default(0.0)
        stored = bench.control(6000.0, 40.0, 60.0)
        bench.clock.sleep(25.0)
        bench.server.cut(manner)
        bench.clock.sleep(30.0)
        during_w = bench.power_w()
        bench.clock.sleep(60.0)
        behind_w = bench.power_w()
        bench.server.restore()
        fresh = bench.control(4000.0, 61.0, 60.0)
        bench.clock.sleep(61.0 + SETTLED_S)
        assert during_w == pytest.approx(6000.0, abs=TOLERANCE_W)
        assert behind_w == pytest.approx(0.0, abs=TOLERANCE_W)
        assert exports(bench, 4000.0)
        assert bench.statuses(stored) == [1, 2, 3]
        assert bench.statuses(fresh) == [1, 2]


@pytest.mark.parametrize(("remembers", "expected_w"), [(True, 2000.0), (False, 10_000.0)])
def test_the_default_survives_a_power_cycle_of_a_client_that_stores_it(
    remembers: bool, expected_w: float
) -> None:
    with csip_bench({"csip.remembers_default": remembers}) as bench:
        bench.default(2000.0)
        bench.clock.sleep(25.0)
        bench.server.cut("refused")
        bench.world.contactor.command(False)
        bench.clock.sleep(5.0)
        bench.world.contactor.command(True)
        bench.clock.sleep(60.0)
        assert bench.power_w() == pytest.approx(expected_w, abs=TOLERANCE_W)


def started_s(seed: int) -> float:
    with csip_bench(seed=seed) as bench:
        bench.default(0.0)
        control = bench.control(8000.0, 30.0, 120.0, randomize_start_s=60)
        begin_s = control.start_s
        bench.clock.sleep(100.0)
        started = [one for one in bench.server.responses() if one.status == 2]
        return started[0].received_s - begin_s


def test_a_random_start_lies_in_its_window_and_changes_with_the_seed() -> None:
    found = [started_s(seed) for seed in (1, 2, 3)]
    assert all(-1.0 <= delay_s <= 61.0 for delay_s in found)
    assert len(set(found)) == 3


def test_the_same_seed_gives_the_same_run() -> None:
    assert started_s(5) == started_s(5)


def test_a_client_whose_clock_is_wrong_goes_by_the_servers() -> None:
    with csip_bench({"csip.clock_skew_s": 3600.0}, skew_s=-250.0) as bench:
        bench.default(0.0)
        control = bench.control(8000.0, 30.0, 60.0)
        bench.clock.sleep(60.0)
        [start] = [one for one in bench.server.responses() if one.status == 2]
        assert abs(start.received_s - control.start_s) <= 1.0


@pytest.mark.parametrize("multiplier", [1, 2])
def test_a_multiplier_is_heeded(multiplier: int) -> None:
    with csip_bench() as bench:
        bench.default(0.0)
        bench.control(4000.0, 5.0, 600.0, multiplier=multiplier)
        bench.clock.sleep(40.0)
        assert exports(bench, 4000.0)


def test_what_cannot_be_carried_out_is_refused_and_the_default_stays() -> None:
    with csip_bench() as bench:
        bench.default(3000.0)
        bench.clock.sleep(25.0)
        now_s = bench.clock.now_s()
        past = bench.control(9000.0, -500.0, 499.0)
        nothing = bench.control(9000.0, 10.0, 0.0)
        odd = bench.server.publish_control(ControlOrder(SiteLimits(target_w=900.0), now_s, 300.0))
        bench.clock.sleep(40.0)
        assert exports(bench, 3000.0)
        answers = {one.control_id: one.status for one in bench.server.responses()}
        expected = [254, 253, 252]
        assert [answers.get(one.control_id) for one in (past, nothing, odd)] == expected


def test_de_energizing_ends_generation_and_disconnecting_opens_the_relay() -> None:
    with csip_bench() as bench:
        now_s = bench.clock.now_s()
        for start_s, limits in (
            (5.0, SiteLimits(energize=False)),
            (65.0, SiteLimits(connect=False)),
        ):
            bench.server.publish_control(ControlOrder(limits, now_s + start_s, 60.0))
        states = []
        for wait_s in (40.0, 60.0, 60.0):
            bench.clock.sleep(wait_s)
            states.append((round(bench.power_w(), -3), bench.world.inverter.connected))
        assert states == [(0.0, True), (0.0, False), (10_000.0, True)]


def test_ratings_settings_state_and_readings_arrive() -> None:
    with csip_bench(registration="in band") as bench:
        bench.default(3000.0, gradient=6.0)
        bench.clock.sleep(200.0)
        site = [
            one for one in bench.server.readings() if (one.quantity, one.location) == (38, "site")
        ]
        assert site[-1].value == pytest.approx(3000.0, abs=TOLERANCE_W)
        assert bench.server.complaints() == ()


def test_a_closed_server_leaves_the_inverter_as_it_was_found() -> None:
    with csip_bench() as bench:
        before = bench.world.inverter.settings
        bench.default(0.0)
        bench.clock.sleep(30.0)
        assert bench.world.inverter.settings != before
        bench.server.close()
        assert bench.world.inverter.settings == before
