"""What a SunSpec device publishes: who it is, its models, and where they are not what their definitions say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from instruments.errors import InstrumentError
from instruments.interfaces import RegisterLink
from instruments.inverters.sunspec_device import SunSpecDevice, known_defects
from instruments.inverters.sunspec_quirks import BASE_ADDRESSES, Quirks
from instruments.inverters.sunspec_values import ModelValues
from instruments.sunspec.definitions import MODELS


@dataclass(frozen=True)
class SurveyedModel:
    """One model of a device.

    Attributes:
        address: wire address of its ID register.
        length: registers, those of ID and length among them.
        known: whether the bench reads it.
        remark: why not, or what is wrong with it; empty when nothing is.
    """

    number: int
    address: int
    length: int
    known: bool
    remark: str


@dataclass(frozen=True)
class SunSpecSurvey:
    """One device."""

    maker: str
    model: str
    serial: str
    firmware: str
    models: tuple[SurveyedModel, ...]

    @property
    def agrees(self) -> bool:
        """Whether every model the bench knows is as its definition says."""
        return not any(model.known and model.remark for model in self.models)


def survey(link: RegisterLink, bases: Sequence[int] = ()) -> SunSpecSurvey:
    """Walk a device and read every known model once; nothing is written.

    Args:
        bases: where its marker may be; empty for the usual places.

    Raises:
        InstrumentError: it is no SunSpec device.
    """
    device = SunSpecDevice(link, Quirks(bases=bases or BASE_ADDRESSES))
    return SunSpecSurvey(
        *_names(device.require(1)),
        models=tuple(
            SurveyedModel(one.number, one.address, one.length, one.number in MODELS, remark)
            for one, remark in known_defects(device).items()
        ),
    )


def _names(common: ModelValues) -> tuple[str, str, str, str]:
    try:
        return common.text("Mn"), common.text("Md"), common.text("SN"), common.text("Vr")
    except UnicodeDecodeError as error:
        raise InstrumentError(f"inverter: its name cannot be read: {error}") from error
