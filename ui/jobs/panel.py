"""The panel of one job, whatever it does: how far it is, how to cancel it, why it came to nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from isost_core.jobs.job import Job
from isost_core.jobs.status import State, Status
from ui.jobs import words
from ui.shell import state, widgets

OUTLIVES = "You can close this page and come back."
SLOW = "It takes longer than expected: the computer is busy, or this step is long."
STILL_S = 12.0  # without the time left going down, until a word says so
CANCELLING = "It stops at its next step. That takes a few seconds, with large sections up to a minute."


@dataclass(frozen=True)
class Texts:
    """What a page says of its job.

    Attributes
    ----------
    key : of its widgets
    going : beneath the progress; failed : before the reason; cancelled : of one that was, nothing is said where empty
    cancel : on the button that confirms; cancelling : what follows from it
    stays : what a job that came to nothing has left as it was
    compact : whether the progress is one line, where what stands beneath it must not be pushed down
    """

    key: str
    going: str
    failed: str
    cancel: str
    cancelling: str
    cancelled: str = ""
    stays: str = ""
    compact: bool = False


def show(job: Job, texts: Texts, may_cancel: Callable[[], bool],
         beneath: Callable[[Status], None] | None = None) -> bool:
    """Show a job that was asked for, and look again each second while it is going; returns whether it is.

    may_cancel : whether this visitor may; beneath : draws what else there is to say, instead of the log of a failure
    """
    status = job.status()
    if status is None:
        return False
    with st.container(key=f"live_{texts.key}"):
        st.fragment(_panel, run_every="1s" if status.going else None)(job, texts, status.state, may_cancel, beneath)
    return status.going


def _panel(job: Job, texts: Texts, known: State, may_cancel: Callable[[], bool],
           beneath: Callable[[Status], None] | None) -> None:
    status = job.status()
    if status is None or status.state != known:
        st.rerun()
    if status.going:
        if (_line if texts.compact else _going)(job, status, texts, may_cancel):
            job.cancel()
            st.rerun()
    elif status.state == State.FAILED:
        st.error(" ".join(filter(None, (texts.failed, widgets.plain(status.message), texts.stays))),
                 icon=":material/error:")
    elif status.state == State.CANCELLED and texts.cancelled:
        st.info(f"{texts.cancelled} {texts.stays}".strip(), icon=":material/cancel:")
    if beneath:
        beneath(status)
    elif status.state == State.FAILED:
        with st.expander("Log, latest lines", icon=":material/notes:"):
            log(job)


def _line(job: Job, status: Status, texts: Texts, may_cancel: Callable[[], bool]) -> bool:
    """How far a job is, in a line; returns whether it was cancelled just now."""
    now = time.time()
    left = "" if status.cancelling or status.state == State.QUEUED else f" · time left: {words.left(status, now)}"
    slow = f" {SLOW}" if left and _is_slow(job, status, now) else ""
    with st.container(border=True, key=f"{texts.key}_going", horizontal=True, vertical_alignment="center"):
        st.progress(_share(status), text=f"**{_what(status)}**{left} :gray[· "
                    f"{CANCELLING if status.cancelling else texts.going}{slow}]")
        return not status.cancelling and may_cancel() and _cancel(texts)


def _what(status: Status) -> str:
    return "Cancelling …" if status.cancelling else widgets.plain(words.stage_words(status))


def _share(status: Status) -> float:
    return min(max(status.fraction or 0.0, 0.0), 1.0)


def _cancel(texts: Texts) -> bool:
    return widgets.asked_twice("Cancel", ":material/stop_circle:", texts.cancelling, texts.cancel,
                               f"cancel_{texts.key}")


def _is_slow(job: Job, status: Status, now: float) -> bool:
    """Whether the time left of a job has not gone down for STILL_S."""
    rest, key = words.seconds_left(status, now), f"{state.LEAST_LEFT}{job.folder}.{status.started}"
    if rest is None:
        return False
    least, at = state.get(key, (rest, now))
    went_down = rest <= least - 1
    state.put(key, (rest, now) if went_down else (least, at))
    return not went_down and now - at >= STILL_S


def _going(job: Job, status: Status, texts: Texts, may_cancel: Callable[[], bool]) -> bool:
    """How far a job is; returns whether it was cancelled just now."""
    now = time.time()
    with st.container(border=True, key=f"{texts.key}_going"):
        st.progress(_share(status), text=f"**{_what(status)}**")
        if status.cancelling:
            st.caption(CANCELLING)
            return False
        done, left, spent = st.columns(3)
        done.metric("Done", f"{100 * (status.fraction or 0):.0f} %")
        left.metric("Time left", words.left(status, now))
        spent.metric("Running for", words.spent(status, now))
        st.caption(f"{SLOW} {texts.going}" if _is_slow(job, status, now) else texts.going)
        return may_cancel() and _cancel(texts)


def log(job: Job) -> None:
    """The latest lines of a job's log."""
    st.code(job.log() or "Nothing written yet.", language=None, height=260, wrap_lines=True)
