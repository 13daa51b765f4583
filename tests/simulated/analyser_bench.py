"""An analyser on a running world, for the tests of readings and of records."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from instruments.simulated.devices.analyser_noise import AnalyserClock
from instruments.simulated.devices.lmg_analyser import LmgAnalyser
from instruments.simulated.inverter.parameters import InverterParameters, with_changes
from instruments.simulated.physics.world import World

READ = "INIM;TSNORM?;" + ";".join(
    f"{q}{n}?" for q in ("UTRMS", "ITRMS", "P", "Q") for n in (1, 2, 3)
)
RANGES = ";".join(f"UAUTO{n} 0;URNG{n} 400;IAUTO{n} 0;IRNG{n} 30" for n in range(1, 7))
TRACKS = ";".join(f"TRCTRAC {k},'{s}'" for k, s in enumerate(("U1", "U2", "U3", "I1", "I4")))
FULL_SCALE = 1.1 * sqrt(2)
SEED = 4


class AnalyserBench:
    """A fed world with its inverter at full power, and an analyser, spoken to directly."""

    def __init__(self, world: World | None = None, seed: int = SEED) -> None:
        self.world = running_world() if world is None else world
        self.device = LmgAnalyser(self.world, seed=seed)
        self.clock = AnalyserClock.drawn(seed)
        self.tell("*ZLANG SHORT;*CLS")
        self.tell(f"CYCL 0.1;{RANGES};FRMT PACKED")

    def ask(self, message: str) -> bytes:
        return self.device.answer(message.encode("ascii"))

    def tell(self, message: str) -> str:
        return self.ask(message).decode("ascii").strip()

    def error(self) -> str:
        return self.tell("SYST:ERR:ALL?")

    def later(self, duration_s: float) -> None:
        self.world.advance_to(self.world.now_s + duration_s)

    def arm(self, rate_hz: int = 20_000, length_s: float = 0.5, pre_s: float = 0.1) -> None:
        self.tell(f"TRCSR {rate_hz};TRRECLEN {length_s};TRCPTRT {pre_s};{TRACKS}")
        self.tell("TRANSIENTRESTART")
        assert self.error() == '0,"No error"'

    def record(self, length_s: float = 0.5) -> dict[int, NDArray[np.float32]]:
        self.arm(length_s=length_s)
        self.later(0.5)
        self.tell("TRANSIENTNOW")
        self.later(length_s)
        return {track: self.points(track) for track in range(5)}

    def points(self, track: int) -> NDArray[np.float32]:
        count = int(self.tell("TRPTLEN?"))
        pieces = [
            self.block(f"TRPVAL? {track},({first}:{min(first + 30_000, count) - 1})")[2:]
            for first in range(0, count, 30_000)
        ]
        return np.concatenate(pieces)

    def block(self, question: str) -> NDArray[np.float32]:
        answer = self.ask(question)
        digits = int(answer[1:2])
        length = int(answer[2 : 2 + digits])
        assert answer[:1] == b"#"
        assert len(answer) == 2 + digits + length + 1
        return np.frombuffer(answer[2 + digits : -1], dtype="<f4")

    def stamp_s(self, question: str) -> float:
        return seconds(self.tell(question))


def seconds(stamp: str) -> float:
    date, _, time = stamp.partition("D")
    year, month, day = (int(field) for field in date.split(":"))
    hours, minutes, rest = time.split(":")
    assert (year, month) == (2026, 1)
    return (day - 1) * 86_400 + int(hours) * 3600 + int(minutes) * 60 + float(rest)


def running_world() -> World:
    world = World(
        with_changes(
            InverterParameters(), {"settings.observation_s": 1.0, "settings.ramp_pu_per_s": 1.0}
        )
    )
    world.source.ramp_to((230.0, 231.0, 229.0), 50.0, 0.0)
    world.source.switch_output(True)
    world.contactor.command(True)
    world.advance_to(20.0)
    return world
