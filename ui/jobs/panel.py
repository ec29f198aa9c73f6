"""The panel of one job, whatever it does: how far it is, how to cancel it, why it came to nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from isost_core.jobs.job import Job
from isost_core.jobs.status import State, Status
from ui.jobs import words
from ui.shell import widgets

OUTLIVES = "You can close this page and come back."
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
    """

    key: str
    going: str
    failed: str
    cancel: str
    cancelling: str
    cancelled: str = ""
    stays: str = ""


def show(job: Job, texts: Texts, may_cancel: Callable[[], bool],
         beneath: Callable[[Status], None] | None = None) -> bool:
    """Show a job that was asked for, and look again each second while it is going; returns whether it is.

    may_cancel : whether this visitor may; beneath : draws what else there is to say, instead of the log of a failure
    """
    status = job.status()
    if status is None:
        return False
    st.fragment(_panel, run_every="1s" if status.going else None)(job, texts, status.state, may_cancel, beneath)
    return status.going


def _panel(job: Job, texts: Texts, known: State, may_cancel: Callable[[], bool],
           beneath: Callable[[Status], None] | None) -> None:
    status = job.status()
    if status is None or status.state != known:
        st.rerun()
    if status.going:
        if _going(status, texts, may_cancel):
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


def _going(status: Status, texts: Texts, may_cancel: Callable[[], bool]) -> bool:
    """How far a job is; returns whether it was cancelled just now."""
    now, what = time.time(), "Cancelling …" if status.cancelling else widgets.plain(words.stage_words(status))
    with st.container(border=True, key=f"{texts.key}_going"):
        st.progress(min(max(status.fraction or 0.0, 0.0), 1.0), text=f"**{what}**")
        if status.cancelling:
            st.caption(CANCELLING)
            return False
        done, left, spent = st.columns(3)
        done.metric("Done", f"{100 * (status.fraction or 0):.0f} %")
        left.metric("Time left", words.left(status, now))
        spent.metric("Running for", words.spent(status, now))
        st.caption(texts.going)
        return may_cancel() and widgets.asked_twice("Cancel", ":material/stop_circle:", texts.cancelling,
                                                    texts.cancel, f"cancel_{texts.key}")


def log(job: Job) -> None:
    """The latest lines of a job's log."""
    st.code(job.log() or "Nothing written yet.", language=None, height=260, wrap_lines=True)
