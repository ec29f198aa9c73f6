"""Small pieces that several pages share: error boxes, a form made from a config dataclass, numbers as text."""

import contextlib
import dataclasses

import streamlit as st

from isost_core.config import Config
from isost_core.errors import InputError
from ui.shell import state

LEAST_Q = 1e-300  # that tables show: a smaller one can be 0 in the computer's numbers, and is not
PRESET_WORDS = {
    "fast": ("Fast", "A first look within minutes. Coarser in depth and in detail."),
    "standard": ("Standard", "The recommended settings for a result to work with."),
    "paper": ("Paper", "The training objective as published. Slowest; for comparison."),
}


def asked_twice(label, icon, text, confirm, key):
    """A button that says what follows and asks again; whether that was confirmed. `key` names it for tests."""
    with st.popover(label, icon=icon, key=f"{key}_box"):
        st.write(text)
        return st.button(confirm, type="primary", key=f"confirm_{key}")


def error_box(title, messages):
    """What went wrong and what to do, one line each."""
    lines = "\n".join(f"- {plain(message)}" for message in messages)
    st.error(f"**{title}**\n\n{lines}", icon=":material/error:")


@contextlib.contextmanager
def shows_input_errors(title="This can't be done as it is"):
    """Turn an InputError into a box on the page; anything else is a fault of ours and goes to the log."""
    try:
        yield
    except InputError as error:
        error_box(title, [error])


@contextlib.contextmanager
def waiting(text):
    """A spinner that keeps its place in the page: where it comes and goes, what follows would be drawn anew."""
    with st.empty(), st.spinner(text):
        yield


def changed(name, value):
    """Whether a value of this page and run differs from that of the rerun before; the first one does not."""
    key = state.key_here(name)
    before = state.get(key, value)
    state.put(key, value)
    return before != value


def plain(text):
    """A text from outside, safe inside Markdown."""
    out = str(text)
    for mark in ("\\", "*", "_", "`", "[", "]", "$", "<", ":", "#"):
        out = out.replace(mark, "\\" + mark)
    return out


def count(number, noun):
    """'1 section', '28,317 cells'."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def um(value):
    """A length with its unit; mm from 1000 µm."""
    return f"{value / 1000:.3g} mm" if abs(value) >= 1000 else f"{value:.3g} µm"


def percent(share):
    """A share from 0 to 1 as '84 %'."""
    return f"{100 * share:.0f}\u00a0%"


def preset_picker():
    """Choose one of the presets in plain words."""
    names = list(PRESET_WORDS)
    return st.radio("Preset", names, index=names.index(Config().preset), format_func=lambda name: PRESET_WORDS[name][0],
                    captions=[words for _, words in PRESET_WORDS.values()], key="preset")


def config_fields(defaults, advanced):
    """A number box for each setting of a config with this 'advanced' flag; returns {name: value}."""
    shown = [f for f in dataclasses.fields(defaults)
             if not f.metadata.get("hidden") and f.metadata.get("advanced", True) == advanced]
    columns = st.columns(2 if len(shown) > 1 else 1, gap="medium")
    values = {}
    for number, f in enumerate(shown):
        with columns[number % len(columns)]:
            values[f.name] = _number(f, getattr(defaults, f.name), defaults.preset)
    return values


def _number(f, default, preset):
    meta, whole = f.metadata, f.type is int
    label = f"{meta['label']} ({meta['unit']})" if meta["unit"] else meta["label"]
    kind = int if whole else float
    return st.number_input(label, min_value=kind(meta["min"]), max_value=kind(meta["max"]), value=kind(default),
                           step=1 if whole else None, format="%d" if whole else "%.4g", help=meta["help"],
                           key=f"setting.{preset}.{f.name}")
