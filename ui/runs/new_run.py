"""The form of a new run: preset, device, hold-out, settings, expected time, start."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from isost_core.config import Config
from isost_core.device import device_choices
from isost_core.reconstruction.timing import estimate_memory_gib, estimate_seconds
from isost_core.sections.stack import Sections
from isost_core.words import plain
from ui.jobs import words
from ui.runs import config_form
from ui.runs.start_run import start_run
from ui.shell import layout, widgets
from ui.stack import uploads


@dataclass(frozen=True)
class Asked:
    """A run as the visitor set it; hold_out : names of sections that are left out of everything."""

    name: str
    config: Config
    device: str
    hold_out: tuple[str, ...]


def form(sections: Sections) -> Asked:
    """The left side: the run as the visitor sets it."""
    name = st.text_input("Name of the run", value=_default_name(sections), max_chars=80, key="run_name")
    preset = config_form.preset_picker()
    left, right = st.columns(2, gap="medium")
    with left:
        device = device_picker()
    with right:
        hold_out = st.multiselect("Hold out sections", list(sections.names[1:-1]), key="hold_out", placeholder="None",
                                  help="A held-out section is not used for the run. You can compare it with the "
                                       "prediction at its depth later. The first and the last section can't be held "
                                       "out, because nothing is predicted beyond them.")
    defaults = Config.of_preset(preset)
    with st.expander("Advanced settings", icon=":material/tune:"):
        st.caption("The preset chooses these. Change them only if you know why.")
        changes = (config_form.config_fields(defaults, advanced=False) |
                   config_form.config_fields(defaults, advanced=True))
    return Asked(name.strip() or "Run", dataclasses.replace(defaults, **changes), device, tuple(hold_out))


def device_picker() -> str:
    """Auto or what is actually there."""
    labels = dict(device_choices())
    return st.selectbox("Compute on", list(labels), format_func=labels.__getitem__, key="device")


def summary(sections: Sections, asked: Asked) -> Sections:
    """The right side: what goes in, the time and memory it takes; returns what will be reconstructed."""
    used = sections.without(asked.hold_out) if asked.hold_out else sections
    st.markdown("##### Sections of this run")
    first, second = st.columns(2)
    first.metric("Sections", len(used.names))
    second.metric("Cells", f"{used.n_cells:,}")
    first.metric("Genes", f"{len(used.genes):,}")
    second.metric("Depth", f"{plain(float(used.depths[0]))}–{plain(float(used.depths[-1]))} µm")
    for note in used.notes:
        if "rightness" in note:
            st.caption(note)
    st.markdown("##### Expected time and memory")
    seconds = estimate_seconds(used, asked.config, asked.device)
    st.markdown(f"**about {words.duration(seconds)}** :gray[on this computer]")
    st.markdown(f"**about {estimate_memory_gib(used):.1f} GiB** :gray[of memory at its peak]")
    return used


def start_button(used: Sections, asked: Asked, source: dict[str, Any]) -> None:
    """Start the run of the sections that are used, and go to its progress."""
    if st.button("Start", type="primary", icon=":material/play_arrow:", key="start_run", width="stretch"):
        run_id = start_run(used, asked.config, asked.name, source)
        layout.go("runs", run_id)
    st.caption("The run continues when you close this page. You will find it under Runs.")


def source_of(folder: Path, asked: Asked) -> dict[str, Any]:
    """What a run was made from, kept with it."""
    return {"files": [path.name for path in uploads.files(folder)], "device": asked.device,
            "hold_out": list(asked.hold_out)}


def _default_name(sections: Sections) -> str:
    return f"{widgets.count(len(sections.names), 'section')}, {widgets.count(len(sections.genes), 'gene')}"
