"""Everything that can go wrong with the bench. None of it says anything about the inverter.

    BenchError
    ├── ConfigurationError     a file or an option is wrong; nothing was energised
    ├── LinkError              bytes did not arrive
    │   ├── LinkRefused        nobody listens at the address
    │   ├── LinkTimeout        no answer before the deadline
    │   ├── LinkClosed         the peer went away
    │   └── LinkGarbled        an answer came, but not to this question or not of this form
    ├── RegisterError          a Modbus device answered with an exception code
    │   └── RegisterBusy       … and asks to be asked again (codes 5 and 6)
    ├── InstrumentError        an instrument disagrees
    │   ├── IdentityMismatch   another instrument answers than the station file names
    │   ├── CommandRejected    the error queue was not empty
    │   ├── ReadBackMismatch   a set-point reads back as another value
    │   └── WriteForbidden     the operator, a register map or a link lets the bench only read
    ├── EnvelopeError          a stimulus leaves what this station may apply
    ├── NotSettled             the starting condition was not reached in time
    ├── StaleReading           a reading is older than the question needs
    ├── RecordingError         a recording cannot carry the measurement asked of it
    ├── EvidenceError          evidence could not be written or does not verify
    └── UnsafeBench            safe state was commanded but not confirmed

A non-conforming inverter raises nothing: it gets a verdict.
"""

from __future__ import annotations


class BenchError(Exception):
    """Trouble with the bench, its files or its instruments; never a verdict."""


class ConfigurationError(BenchError):
    """A profile, station file or option is wrong. Raised before anything is energised."""


class LinkError(BenchError):
    """Communication with an instrument failed."""


class LinkRefused(LinkError):
    """Nobody listens at the address."""


class LinkTimeout(LinkError):
    """No answer arrived before the deadline."""


class LinkClosed(LinkError):
    """The peer closed the connection."""


class LinkGarbled(LinkError):
    """An answer arrived that does not belong to the question or has the wrong form."""


class RegisterError(BenchError):
    """A Modbus device refused a request.

    Attributes:
        code: the Modbus exception code (MODBUS Application Protocol V1.1b3, section 7).
    """

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class RegisterBusy(RegisterError):
    """The device is busy (code 5 or 6): the caller may ask again later."""


class InstrumentError(BenchError):
    """An instrument disagrees with what it was told."""


class IdentityMismatch(InstrumentError):
    """The instrument that answers is not the one the station file names."""


class CommandRejected(InstrumentError):
    """The instrument put an entry into its error queue."""


class ReadBackMismatch(InstrumentError):
    """A set-point reads back as another value than was sent."""


class WriteForbidden(InstrumentError):
    """The operator, a register map or a link lets the bench only read. Nothing was written."""


class EnvelopeError(BenchError):
    """A step lies outside what this station may apply."""


class NotSettled(BenchError):
    """The condition a trial starts from was not reached before its deadline."""


class StaleReading(BenchError):
    """A reading is not newer than the last one, or older than the question needs."""


class RecordingError(BenchError):
    """A recording cannot carry the measurement: channel missing, NaN, or no event in it."""


class EvidenceError(BenchError):
    """Evidence could not be written, or does not verify."""


class UnsafeBench(BenchError):
    """The safe state was commanded but could not be confirmed."""
