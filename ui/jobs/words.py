"""How pages say what a job does, how it ended, how long it takes, when it was started."""

from __future__ import annotations

from datetime import datetime

from isost_core.jobs.stages import Stage
from isost_core.jobs.status import State, Status
from isost_core.words import NONE

STATE_WORDS = {State.QUEUED: "waiting", State.RUNNING: "running", State.DONE: "finished", State.FAILED: "failed",
               State.CANCELLED: "cancelled"}
STATE_COLOURS = {State.QUEUED: "gray", State.RUNNING: "blue", State.DONE: "green", State.FAILED: "red",
                 State.CANCELLED: "gray"}
STAGE_WORDS = {
    Stage.WAITING: "Waiting to start",
    Stage.READING: "Reading the sections",
    Stage.DONE: "Finished",
    Stage.CANCELLED: "Cancelled",
    Stage.LATENT_SPACE: "Finding the main axes of expression",
    Stage.EXPECTED_EXPRESSION: "Fitting how expression varies in space",
    Stage.DRIFT: "Learning how cells move and change along depth",
    Stage.SHAPE: "Learning how the shape changes along depth",
    Stage.EXPRESSION: "Learning how expression changes along depth",
    Stage.JOINT: "Learning shape and expression together",
    Stage.CALIBRATION: "Checking the uncertainty against measured cells",
    Stage.TISSUE: "Building the tissue",
    Stage.TRUST: "Judging how far each gene can be trusted",
    Stage.COMPARING_SECTIONS: "Comparing the sections with each other",
    Stage.REFINING_STACK: "Adjusting all sections together",
    Stage.MEASURING_AGREEMENT: "Measuring how well neighbours agree",
    Stage.COMPARING_METHODS: "Comparing with the measurement and with simple methods",
    Stage.NEIGHBOURHOODS: "Looking at what surrounds each place",
    Stage.HOW_MANY_NICHES: "Finding out how many niches there are",
    Stage.CLUSTERS: "Finding the niches",
    Stage.MEASURED_CELLS: "Assigning each measured cell to a niche",
    Stage.TISSUE_BETWEEN: "Assigning each place between the sections to a niche",
    Stage.COMPARING_GENES: "Comparing genes with shuffled cells",
}

IN_MINUTES_S = 90  # from here on a time is told in minutes
FINE_S = 600  # of less than this, the time left is told to ten seconds


def stage_words(status: Status) -> str:
    """What a job does now."""
    words = STAGE_WORDS[Stage(status.stage)] if status.stage in set(Stage) else status.stage
    return f"{status.where}: {words}" if status.where else words


def state_words(status: Status) -> str:
    """Where a job is in its life, in a word or two for lists: 'running, 40 %', 'cancelling'."""
    if status.cancelling:
        return "cancelling"
    words = STATE_WORDS[status.state]
    return f"{words}, {100 * status.fraction:.0f} %" if status.state == State.RUNNING else words


def left(status: Status, now: float) -> str:
    """How long a job that is going will take from now: fine enough that one sees it go down."""
    rest = seconds_left(status, now)
    if rest is None:
        return NONE if status.state == State.QUEUED else "not known yet"
    if rest <= 0:
        return "any moment"
    if IN_MINUTES_S <= rest < FINE_S:
        minutes, tens = divmod(round(rest / 10), 6)
        return f"{minutes} min {10 * tens} s" if tens else f"{minutes} min"
    return duration(rest)


def seconds_left(status: Status, now: float) -> float | None:
    """Seconds that a job will take from now; None while nothing tells, and while it waits."""
    if status.eta_s is None or status.state == State.QUEUED:
        return None
    return status.eta_s - _since(status, now)


def spent(status: Status, now: float) -> str:
    """How long a job has been going until now."""
    if status.seconds is None and status.started is None:
        return NONE
    return duration((status.seconds or 0.0) + _since(status, now))


def _since(status: Status, now: float) -> float:
    """Seconds since a job last said how far it is: in a long step it says nothing."""
    return max(now - status.updated, 0.0) if status.updated else 0.0


def when(created: float) -> str:
    """A point in time (seconds since 1970) as people say it."""
    at = datetime.fromtimestamp(created)
    return at.strftime("today %H:%M") if at.date() == datetime.now().date() else at.strftime("%d %b %Y %H:%M")


def duration(seconds: float | None) -> str:
    """Seconds as a person reads a waiting time; a dash where nobody knows."""
    if seconds is None or seconds != seconds:
        return NONE
    if seconds < IN_MINUTES_S:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"
