"""Energy meters at the connection point of the simulated site, as Modbus registers.

Both measure the mean of the last second, renewed every second, and count power from the grid as positive, as an
import meter does. Their errors are drawn from the seed and stay within 0.5 % of the reading.

`SunSpecMeter` is a three-phase SunSpec meter: models 1 and 203 from wire address 40000. `Sdm630Meter` has the
input registers of an Eastron SDM630, 32-bit floats with the high word first, and its serial number in holding
registers 64512 and 64513. What these layouts leave open is settled like this: other registers do not exist.
"""

from __future__ import annotations

from math import floor, isfinite
from random import Random
from struct import pack, unpack

from instruments.interfaces import PhaseValues
from instruments.simulated.physics.averages import Averages
from instruments.simulated.physics.world import World
from instruments.simulated.transport.modbus_server import ILLEGAL_ADDRESS, RefusedRegister

REFRESH_S = 1.0
LARGEST_ERROR = 0.004
SERIAL = 630_001
SUNSPEC_BASE = 40_000
WORDS_203 = 105
VOLT_EXPONENT, HERTZ_EXPONENT = -1, -2
SDM_INPUTS = 80
SDM_SERIAL = 64_512
VOLTS, AMPERES, WATTS, TOTAL_WATTS, HERTZ = 0, 6, 12, 52, 70


class SiteMeasurement:
    """What a meter at the connection point shows: means of the last whole second of the world.

    Args:
        seed: of its errors.
    """

    def __init__(self, world: World, seed: int) -> None:
        self._world = world
        draw = Random(seed)
        self._gains = [1 + draw.uniform(-LARGEST_ERROR, LARGEST_ERROR) for _ in range(3)]

    def read(self) -> Averages | None:
        """Return the means; None before the first second has passed."""
        end_s = floor(self._world.now_s / REFRESH_S) * REFRESH_S
        return self._world.averages(end_s - REFRESH_S, end_s) if end_s > 0 else None

    def imported_w(self, means: Averages | None) -> PhaseValues:
        """Return the power from the grid on each phase, with the meter's errors."""
        if means is None:
            return (0.0, 0.0, 0.0)
        a, b, c = (
            -gain * power_w
            for gain, power_w in zip(self._gains, means.grid_active_powers_w, strict=True)
        )
        return (a, b, c)


class SunSpecMeter:
    """Register image of the SunSpec meter; see the module."""

    def __init__(self, world: World, *, seed: int) -> None:
        self._site = SiteMeasurement(world, seed)

    def read(self, address: int, count: int) -> list[int]:
        registers = [*_sunspec_common(), *self._model_203(), 0xFFFF, 0]
        first = address - SUNSPEC_BASE
        if first < 0 or first + count > len(registers):
            raise RefusedRegister(ILLEGAL_ADDRESS)
        return registers[first : first + count]

    def write(self, address: int, values: list[int]) -> None:  # noqa: ARG002
        """Refuse every write."""
        raise RefusedRegister(ILLEGAL_ADDRESS)

    def _model_203(self) -> list[int]:
        means = self._site.read()
        phases_w = self._site.imported_w(means)
        exponent = 0 if max(map(abs, phases_w)) < 10_000 else 1
        model = [0x8000] * WORDS_203
        volts = means.voltages_v if means else (0.0, 0.0, 0.0)
        model[5:9] = [_signed(value, VOLT_EXPONENT) for value in (sum(volts) / 3, *volts)]
        model[13] = VOLT_EXPONENT & 0xFFFF
        hertz = means.frequency_hz if means else 0.0
        model[14:16] = [
            _signed(hertz if isfinite(hertz) else 0.0, HERTZ_EXPONENT),
            HERTZ_EXPONENT & 0xFFFF,
        ]
        model[16:20] = [_signed(value, exponent) for value in (sum(phases_w), *phases_w)]
        model[20] = exponent
        return [203, WORDS_203, *model]


class Sdm630Meter:
    """Register image of the SDM630; implements `TwoTables`. See the module."""

    def __init__(self, world: World, *, seed: int) -> None:
        self._site = SiteMeasurement(world, seed)

    def read(self, address: int, count: int) -> list[int]:
        """Return holding registers: the serial number alone."""
        if address != SDM_SERIAL or count != 2:
            raise RefusedRegister(ILLEGAL_ADDRESS)
        return [SERIAL >> 16, SERIAL & 0xFFFF]

    def read_input(self, address: int, count: int) -> list[int]:
        if address % 2 or count % 2 or address + count > SDM_INPUTS:
            raise RefusedRegister(ILLEGAL_ADDRESS)
        shown = self._values()
        places = range(address, address + count, 2)
        return [word for place in places for word in _float_words(shown.get(place, 0.0))]

    def write(self, address: int, values: list[int]) -> None:  # noqa: ARG002
        """Refuse every write."""
        raise RefusedRegister(ILLEGAL_ADDRESS)

    def write_single(self, address: int, value: int) -> None:  # noqa: ARG002
        """Refuse every write."""
        raise RefusedRegister(ILLEGAL_ADDRESS)

    def _values(self) -> dict[int, float]:
        means = self._site.read()
        phases_w = self._site.imported_w(means)
        shown = {TOTAL_WATTS: sum(phases_w)}
        shown |= {WATTS + 2 * phase: value for phase, value in enumerate(phases_w)}
        if means is not None:
            shown |= {VOLTS + 2 * phase: value for phase, value in enumerate(means.voltages_v)}
            currents = enumerate(means.grid_currents_a)
            shown |= {AMPERES + 2 * phase: value for phase, value in currents}
            shown[HERTZ] = means.frequency_hz if isfinite(means.frequency_hz) else 0.0
        return shown


def _sunspec_common() -> list[int]:
    """Return the marker and model 1."""
    texts = (("Inverter Compliance Bench", 16), ("Simulated meter", 16), ("", 8), ("1.0", 8))
    words = [word for text, count in texts for word in _text_words(text, count)]
    return [0x5375, 0x6E53, 1, 66, *words, *_text_words("SIM0203", 16), 1, 0x8000]


def _text_words(text: str, count: int) -> list[int]:
    data = text.encode("ascii").ljust(2 * count, b"\0")
    return [int.from_bytes(data[place : place + 2], "big") for place in range(0, 2 * count, 2)]


def _signed(value: float, exponent: int) -> int:
    return round(value / 10.0**exponent) & 0xFFFF


def _float_words(value: float) -> list[int]:
    raw = pack(">f", value)
    high, low = unpack(">HH", raw)
    return [high, low]
