"""What a reader should see of a response: the staircase over time, and where each level came to rest. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from math import copysign, sqrt

from bench.grid_code.profile import Requirement
from bench.metering.instant import Instant
from bench.metering.release import SECONDS_PER_MINUTE
from bench.metering.response import Response, StepResponse
from bench.plots.panels import PlotPanel, Required, Tick
from bench.programs.set_points import active_pu
from bench.trials.following import Followed
from bench.trials.trial_evidence import Corner, Level, Mark, Plane, PlanePoint, Plot
from bench.trials.watching import Watched

STIMULUS = {"V": "voltage", "Hz": "frequency"}
ACROSS = {"V": "voltage in V", "Hz": "frequency in Hz"}
REACTIVE = "reactive power in % of rated apparent power"
MISSING = "not "


def response_plot(followed: Followed, watched: Watched, requirement: Requirement) -> Plot:
    """Return what to draw over time: the stimulus above, below it the response and what is required of it."""
    origin_s = watched.origin_s
    steps = followed.response.steps
    marks = [Mark("first step", steps[0].plateau.began.best_s - origin_s)]
    required = stairs(steps, origin_s, requirement)
    if followed.release is not None and followed.release.rise is not None:
        rise_s = followed.release.rise.best_s - origin_s
        marks.append(Mark("power rises", rise_s))
        end_s = watched.readings[-1].end_s - origin_s
        required += _return(rise_s, end_s, 100 * steps[-1].steady, requirement)
    response = PlotPanel(
        followed.quantity,
        followed.rated_va,
        required,
        list(_ticks(steps, origin_s)),
    )
    panels = [PlotPanel(STIMULUS[followed.unit]), response]
    return Plot(requirement.title, marks, [], _corner_levels(followed), panels=panels)


def response_plane(followed: Followed, requirement: Requirement) -> Plot:
    """Return what to draw of a response over what it follows."""
    tolerance = requirement.number("tolerance")
    points = _points(followed.response)
    return _plane_plot(
        requirement,
        Plane(
            across=ACROSS[followed.unit],
            along=f"{followed.what} in % of rated apparent power",
            tolerance=tolerance,
            points=points,
            curve=followed.curve.required([point.level for point in points], tolerance),
            corners=[Corner(label, at) for label, at in _corners(followed)],
        ),
    )


def reactive_plane(response: Response, requirement: Requirement) -> Plot:
    """Return what to draw of commanded reactive powers: where each was reached."""
    points = [replace(point, level=100 * point.level) for point in _points(response)]
    tolerance = requirement.number("tolerance")
    across = "commanded reactive power in % of rated apparent power"
    levels = sorted({point.level for point in points})
    curve = [Required(at, (at, at), at - tolerance, at + tolerance) for at in levels]
    return _plane_plot(requirement, Plane(across, REACTIVE, tolerance, points, curve))


def factor_plane(response: Response, rated_va: float, requirement: Requirement) -> Plot:
    """Return what to draw of commanded power factors: reactive power over active power, each factor a ray."""
    points = [
        replace(point, level=100 * active_pu(step.plateau, rated_va))
        for point, step in zip(_points(response), response.steps, strict=True)
    ]
    tolerance = requirement.number("tolerance")
    across = "active power in % of rated apparent power"
    factors = sorted({step.plateau.level for step in response.steps})
    curve = [one for factor in factors for one in _ray(factor, tolerance)]
    return _plane_plot(requirement, Plane(across, REACTIVE, tolerance, points, curve))


def _ray(factor: float, tolerance: float) -> list[Required]:
    """Return the line of one power factor from nothing to rated apparent power."""
    active, reactive = 100 * abs(factor), 100 * copysign(sqrt(1 - factor**2), factor)
    ends = ((0.0, 0.0), (active, reactive))
    return [
        Required(at, (value, value), value - tolerance, value + tolerance) for at, value in ends
    ]


def set_point_plot(
    response: Response, quantity: str, watched: Watched, rated_va: float, requirement: Requirement
) -> Plot:
    """Return what to draw of commanded set-points over time.

    Args:
        quantity: "active" or "reactive", the power that was commanded.
    """
    first, *_, last = response.steps
    marks = [
        Mark(text, step.plateau.began.best_s - watched.origin_s)
        for text, step in (("first command", first), ("last command", last))
    ]
    required = stairs(response.steps, watched.origin_s, requirement)
    ticks = list(_ticks(response.steps, watched.origin_s, commencement=False))
    beside = PlotPanel("current") if quantity == "active" else PlotPanel("active_power", rated_va)
    panels = [PlotPanel(f"{quantity}_power", rated_va, required, ticks), beside]
    return Plot(f"{requirement.title}: {quantity} power", marks, [], [], panels=panels)


def demanded_plot(
    watched: Watched, asserted_s: float, what: str, rated_w: float, requirement: Requirement
) -> Plot:
    """Return what to draw of a demanded limit of power: when it was asked for, and what is permitted then.

    Args:
        asserted_s: in the analyser's time base.
        what: "generation" or "consumption", which is negative power.
    """
    from_s = asserted_s - watched.origin_s
    due_s = from_s + requirement.number("response_max")
    end_s = watched.readings[-1].end_s - watched.origin_s
    sign = -1.0 if what == "consumption" else 1.0
    demanded = sign * requirement.number(f"{what}_max")
    most = demanded + sign * requirement.number("tolerance")
    low, high = (most, None) if sign < 0 else (None, most)
    required = [Required(time_s, (demanded, demanded), None, None) for time_s in (from_s, due_s)]
    required += [Required(time_s, (demanded, demanded), low, high) for time_s in (due_s, end_s)]
    mark = Mark(f"DRM {requirement.number('mode'):g}", from_s)
    panels = [PlotPanel("active_power", rated_w, required), PlotPanel("current")]
    return Plot(requirement.title, [mark], [], [], panels=panels)


def stairs(
    steps: Sequence[StepResponse], origin_s: float, requirement: Requirement
) -> list[Required]:
    """Return what is required on each level over time, in %: a value at once, its tolerance when time is up."""
    longest = "complete_max" if "complete_max" in requirement else "response_max"
    given_s = requirement.number(longest)
    tolerance = requirement.number("tolerance")
    found: list[Required] = []
    for step, next_s in zip(steps, _ends_s(steps), strict=True):
        low, high = (100 * edge for edge in step.expected)
        began_s = step.plateau.began.best_s
        end_s = step.plateau.readings[-1].end_s
        due_s = min(began_s + given_s, end_s)
        open_s, band_s = (began_s, due_s), (due_s, end_s)
        found += [Required(time_s - origin_s, (low, high), None, None) for time_s in open_s]
        found += [
            Required(time_s - origin_s, (low, high), low - tolerance, high + tolerance)
            for time_s in band_s
        ]
        found.append(Required(next_s - origin_s, (low, high), None, None))
    return found


def _ends_s(steps: Sequence[StepResponse]) -> list[float]:
    """Return until when each level was asked for: the next command, or the last reading."""
    begun_s = [step.plateau.began.best_s for step in steps]
    return [*begun_s[1:], steps[-1].plateau.readings[-1].end_s]


def _return(
    rise_s: float, end_s: float, level_pct: float, requirement: Requirement
) -> list[Required]:
    """Return the ceiling under which power may come back."""
    per_s = requirement.number("return_rate_max") / SECONDS_PER_MINUTE
    highest = level_pct + per_s * (end_s - rise_s)
    return [
        Required(rise_s, (level_pct, level_pct), None, None),
        Required(rise_s, (level_pct, level_pct), None, level_pct),
        Required(end_s, (highest, highest), None, highest),
    ]


def _ticks(
    steps: Sequence[StepResponse], origin_s: float, *, commencement: bool = True
) -> Iterator[Tick]:
    """Yield when each level that is timed began to show and was complete, the slowest with its time."""
    timed = [step for step in steps if step.timed]
    if commencement:
        begun = [step for step in timed if step.begins]
        yield from _ticks_of("commenced", begun, lambda step: step.commenced, origin_s)
    yield from _ticks_of("completed", timed, lambda step: step.completed, origin_s)


def _ticks_of(
    kind: str,
    steps: Sequence[StepResponse],
    instant_of: Callable[[StepResponse], Instant | None],
    origin_s: float,
) -> Iterator[Tick]:
    took_s = {
        number: instant.best_s - step.plateau.began.best_s
        for number, step in enumerate(steps)
        if (instant := instant_of(step))
    }
    slowest = max(took_s, key=lambda number: took_s[number], default=None)
    for number, step in enumerate(steps):
        began_s = step.plateau.began.best_s - origin_s
        if number not in took_s:
            yield Tick(MISSING + kind, step.plateau.readings[-1].end_s - origin_s)
        else:
            label = f"≤ {took_s[number]:.2f} s" if number == slowest else ""
            yield Tick(kind, began_s + took_s[number], label)


def _points(response: Response) -> list[PlanePoint]:
    return [
        PlanePoint(step.plateau.level, 100 * step.steady, *(100 * edge for edge in step.expected))
        for step in response.steps
    ]


def _plane_plot(requirement: Requirement, plane: Plane) -> Plot:
    title = f"{requirement.title}: where each level came to rest"
    return Plot(title, [], [], [], plane=plane)


def _corners(followed: Followed) -> list[tuple[str, float]]:
    corners = (x for x, _ in followed.curve.curve.points)
    return list(zip(followed.curve.names, corners, strict=True))


def _corner_levels(followed: Followed) -> list[Level]:
    return [Level(f"{label} {at:g}", at, followed.unit) for label, at in _corners(followed)]
