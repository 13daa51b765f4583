"""What voltage and frequency do when the grid contactor opens on an inverter and its load.

The dynamic-phasor model of docs/simulation_island.md: exact for the fundamental, blind to harmonics. It
belongs between the opening of the contactor and the death of the bus. Trips, volt-watt and the like act from
outside: they change the power demanded in `advance`, or call `cease`.
"""

from __future__ import annotations

from cmath import exp, phase
from math import exp as real_exp
from math import pi

from instruments.interfaces import PhaseValues
from instruments.simulated.physics.island_control import LEAST_VOLTAGE_V, IslandControl, Lock
from instruments.simulated.physics.island_state import Envelopes, Instant, IslandStart, three
from instruments.simulated.physics.parallel_load import ParallelLoad, phase_step

STEP_S = 0.5e-3
SAME_INSTANT_S = 1e-9

THIRD_TURN = exp(2j * pi / 3)


class Island:
    """An inverter alone with its load, from the opening of the contactor.

    Results do not depend on how time is divided among calls of `advance`, as long as the demand is
    the same: the model moves on a grid of its own, and instants between are interpolated.

    Args:
        seed: of the noise of the measured voltage. Without that noise a balanced island sits on its
            unstable equilibrium for ever.
    """

    def __init__(
        self,
        load: ParallelLoad,
        control: IslandControl,
        start: IslandStart,
        seed: int,
        step_s: float = STEP_S,
    ) -> None:
        self._load, self._control, self._step_s = load, control, step_s
        self._w = 2 * pi * control.nominal_frequency_hz
        self._theta_rad = start.theta_rad
        self._now_s = 0.0
        self._grid_s = 0.0
        self._ceased = False
        self._decay = real_exp(-step_s / control.current_time_constant_s)
        self._twins = start.twins(load, control.phases)
        self._steps = {k: phase_step(load, k, self._w, step_s) for k in set(self._twins)}
        positive, negative = self._sequences(start.voltages())
        self._opening_v = abs(positive)
        self._lock = lock = Lock(control, positive, negative, start.frequency_hz, step_s, seed)
        self._lock_offset_rad = lock.angle_rad
        self._present = Instant(
            start.voltages(),
            start.inductors(load),
            start.currents(),
            lock.angle_rad,
            lock.slip_rad_per_s,
            lock.frequency_hz,
        )
        self._before = self._present

    def advance(self, duration_s: float, active_power_w: float, reactive_power_var: float) -> None:
        """Move on with a demand of total active power and of reactive power supplied.

        After `cease` the demand is without effect.
        """
        self._now_s += duration_s
        while self._grid_s < self._now_s - SAME_INSTANT_S:
            self._before = self._present
            if self._ceased:
                self._present = self._ring()
            else:
                self._present = self._generate(complex(active_power_w, -reactive_power_var))
            self._grid_s += self._step_s

    def cease(self) -> None:
        """Let the inverter's current end at this instant: what is stored rings down in the load.

        The inverter's phase-locked loop stands still from here on at its last frequency.
        """
        self._present = self._here()._replace(currents=(0j, 0j, 0j))
        self._before = self._present
        self._grid_s = self._now_s
        self._ceased = True

    def use(self, control: IslandControl) -> None:
        """Go on with another active method; other fields take no effect."""
        self._control = self._lock.control = control

    @property
    def time_s(self) -> float:
        """Time since the contactor opened."""
        return self._now_s

    @property
    def voltages_v(self) -> PhaseValues:
        """Rms voltage of each phase."""
        a, b, c = self._here().voltages
        return (abs(a), abs(b), abs(c))

    @property
    def voltage_angles_rad(self) -> PhaseValues:
        """Angle of each phase relative to its nominal place at the common angle, within ±π."""
        here = self._here()
        back = exp(-1j * (here.lock_rad - self._lock_offset_rad))
        a, b, c = here.voltages
        return (phase(a * back), phase(b * back), phase(c * back))

    @property
    def frequency_hz(self) -> float:
        """Frequency the inverter measures, which its protection looks at."""
        return self._here().frequency_hz

    @property
    def theta_rad(self) -> float:
        """Common angle: that of the inverter's phase-locked loop, continuous and not wrapped."""
        turned_rad = self._here().lock_rad - self._lock_offset_rad
        return self._theta_rad + self._w * self._now_s + turned_rad

    @property
    def theta_frequency_hz(self) -> float:
        """Rate of `theta_rad`; the angle is its integral when it is taken as linear over a step."""
        return (self._w + self._here().slip_rad_per_s) / (2 * pi)

    @property
    def currents_active_a(self) -> PhaseValues:
        """Component of the inverter's current in phase with the voltage of its phase, rms."""
        a, b, c = self._relative_currents()
        return (a.real, b.real, c.real)

    @property
    def currents_reactive_a(self) -> PhaseValues:
        """Component that lags the voltage by 90 degrees; positive supplies reactive power."""
        a, b, c = self._relative_currents()
        return (-a.imag, -b.imag, -c.imag)

    @property
    def stored_energy_j(self) -> float:
        """Energy in inductors and capacitors, mean over a cycle."""
        here, load, energy_j = self._here(), self._load, 0.0
        for k in range(3):
            energy_j += 0.5 * load.capacitance_f[k] * abs(here.voltages[k]) ** 2
            if load.inverse_inductance_per_h[k]:
                energy_j += 0.5 * abs(here.inductors[k]) ** 2 / load.inverse_inductance_per_h[k]
        return energy_j

    def _here(self) -> Instant:
        behind_s = self._grid_s - self._now_s
        if behind_s < SAME_INSTANT_S:
            return self._present
        return self._before.mixed(self._present, 1 - behind_s / self._step_s)

    def _relative_currents(self) -> Envelopes:
        here, driven = self._here(), []
        for voltage, current in zip(here.voltages, here.currents, strict=True):
            reference = voltage if voltage else exp(1j * here.lock_rad)
            driven.append(current * reference.conjugate() / abs(reference))
        return three(driven)

    def _sequences(self, voltages: Envelopes) -> tuple[complex, complex | None]:
        """Return positive and negative sequence; the latter None while the phases are equal."""
        a, b, c = voltages
        if self._control.phases == 1 or self._twins == (0, 0, 0):
            return a, None
        return (a + b + c) / 3, (a + THIRD_TURN * b + c / THIRD_TURN) / 3

    def _generate(self, demand: complex) -> Instant:
        """One step with the inverter running; the current lags its reference in the lock's frame."""
        lock, was = self._lock, self._present
        turned = exp(1j * self._step_s * lock.slip_rad_per_s)
        pushed = turned * exp(1j * lock.angle_rad) * self._reference(demand) * (1 - self._decay)
        moved = self._moved(pushed, turned * self._decay)
        a, b, c = was.voltages
        d, e, f = moved[0]
        positive, negative = self._sequences((0.5 * (a + d), 0.5 * (b + e), 0.5 * (c + f)))
        lock.advance(positive, negative, self._theta_rad + self._w * self._grid_s)
        return Instant(*moved, lock.angle_rad, lock.slip_rad_per_s, lock.frequency_hz)

    def _ring(self) -> Instant:
        """One step without current; the lock stands still."""
        was = self._present
        lock_rad = was.lock_rad + self._step_s * was.slip_rad_per_s
        return Instant(*self._moved(0j, 0j), lock_rad, was.slip_rad_per_s, was.frequency_hz)

    def _reference(self, demand: complex) -> complex:
        """Return the current per phase wanted now, relative to the angle of the lock."""
        control, lock = self._control, self._lock
        divisor_v = lock.voltage_v if control.constant_power else self._opening_v
        current = demand / (control.phases * max(divisor_v, LEAST_VOLTAGE_V))
        if abs(current) > control.current_limit_a:
            current *= control.current_limit_a / abs(current)
        return current * exp(1j * (lock.shift_rad + control.phase_error_rad))

    def _moved(self, pushed: complex, kept: complex) -> tuple[Envelopes, Envelopes, Envelopes]:
        """Return voltages, inductors and currents one step later.

        Args:
            pushed, kept: the new current of a driven phase is `pushed` and `kept` times the old.
        """
        was = self._present
        done: list[tuple[complex, complex, complex]] = []
        for k, twin in enumerate(self._twins):
            if twin < k:
                done.append(done[twin])
            elif k < self._control.phases:
                done.append(self._driven(k, was, pushed + kept * was.currents[k]))
            else:
                done.append((*self._steps[k](was.voltages[k], was.inductors[k], 0j, 0j), 0j))
        (va, la, ia), (vb, lb, ib), (vc, lc, ic) = done
        return (va, vb, vc), (la, lb, lc), (ia, ib, ic)

    def _driven(self, k: int, was: Instant, current: complex) -> tuple[complex, complex, complex]:
        """Return voltage, inductor and current of a driven phase, held to what bridge and varistor allow."""
        voltage, inductor = self._steps[k](
            was.voltages[k], was.inductors[k], was.currents[k], current
        )
        ceiling_v = self._control.voltage_ceiling_v
        if abs(voltage) > ceiling_v:
            voltage *= ceiling_v / abs(voltage)
            current = self._taken(k, voltage, inductor) if current else current
        return voltage, inductor, current

    def _taken(self, k: int, voltage: complex, inductor: complex) -> complex:
        """Return the current the load takes at a voltage that stands still."""
        admittance = complex(self._load.conductance_s[k], self._w * self._load.capacitance_f[k])
        return admittance * voltage + inductor
