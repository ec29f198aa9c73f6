"""The form of a new run: preset, device, hold-out, settings, expected time, start."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from isost_core.config import Config
from isost_core.device import device_choices
from isost_core.reconstruction.timing import estimate_memory_gib, estimate_seconds, grid_steps
from isost_core.sections.stack import Sections
from isost_core.words import plain
from ui.jobs import my_runs, words
from ui.registration import in_use
from ui.runs import config_form, run_name
from ui.runs.start_run import start_run
from ui.shell import layout, widgets
from ui.stack import uploads
from ui.stack.prepared import PreparedStack


@dataclass(frozen=True)
class Asked:
    """A run as the visitor set it; name : as typed; hold_out : names of sections that are left out of everything."""

    name: str
    config: Config
    device: str
    hold_out: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Planned:
    """What will be reconstructed, and the seconds that this is expected to take."""

    used: Sections
    seconds: float


def form(sections: Sections, folder: Path) -> Asked:
    """The left side: the run of a stack, in its folder, as the visitor sets it."""
    name_place, preset_place = st.container(), st.container()
    device_box, hold_out_box = widgets.beside(2, "run_choice")
    with device_box:
        device = device_picker()
    with hold_out_box:
        hold_out = st.multiselect("Hold out sections", list(sections.names[1:-1]), key="hold_out", placeholder="None",
                                  help="A held-out section is not used for the run. You can compare it with the "
                                       "prediction at its depth later. The first and the last section can't be held "
                                       "out, because nothing is predicted beyond them.")
    used, pace = _used(sections, hold_out), my_runs.pace()
    with preset_place:
        preset = config_form.preset_picker({name: estimate_seconds(used, Config.of_preset(name), device, pace)
                                            for name in config_form.PRESET_WORDS})
    with name_place:
        name = run_name.box(folder, preset)
    defaults = Config.of_preset(preset)
    with st.expander("Advanced settings", icon=":material/tune:"):
        st.caption("The preset chooses these. Change them only if you know why.")
        changes = (config_form.config_fields(defaults, advanced=False) |
                   config_form.config_fields(defaults, advanced=True))
    return Asked(name, dataclasses.replace(defaults, **changes), device, tuple(hold_out))


def device_picker() -> str:
    """Auto or what is actually there."""
    labels = dict(device_choices())
    return st.selectbox("Compute on", list(labels), format_func=labels.__getitem__, key="device")


def _used(sections: Sections, hold_out: Sequence[str]) -> Sections:
    return sections.without(hold_out) if hold_out else sections


def summary(stack: PreparedStack, asked: Asked) -> Planned:
    """The right side: what goes in, the time and memory it takes; returns what will be reconstructed."""
    used = _used(stack.sections, asked.hold_out)
    st.markdown("##### Sections of this run")
    st.markdown(f"**{widgets.count(len(used.names), 'section')}** · {widgets.count(used.n_cells, used.noun)} · "
                f"{widgets.count(len(used.genes), 'gene')}  \n{depths_in_words(used)}")
    st.markdown(f"Every gene is predicted {resolution_in_words(grid_steps(used))}, from the first section to the last.")
    st.markdown(f":material/join_inner: {in_use.in_words(stack)}")
    for note in used.notes:
        if "rightness" in note:
            st.caption(note)
    st.markdown("##### Expected time and memory")
    seconds = estimate_seconds(used, asked.config, asked.device, my_runs.pace())
    st.markdown(f"**about {words.duration(seconds)}** :gray[on this computer, longer while it is busy]  \n"
                f"**about {estimate_memory_gib(used):.1f} GiB** :gray[of memory at its peak]")
    return Planned(used, seconds)


def depths_in_words(sections: Sections) -> str:
    """'Depth 0 to 200 µm'"""
    axis, (low, high) = sections.axis, (plain(float(depth)) for depth in sections.depths[[0, -1]])
    return f"{axis.name.capitalize()} {low} to {high} {axis.unit}".replace("-", "−")


def resolution_in_words(steps: np.ndarray) -> str:
    """'every 13 µm across a section and every 12.5 µm in depth'"""
    return f"every {widgets.um(steps[0])} across a section and every {widgets.um(steps[2])} in depth"


def start_button(planned: Planned, asked: Asked, folder: Path) -> None:
    """Start the run of the sections that are used, and go to its progress."""
    if st.button("Start", type="primary", icon=":material/play_arrow:", key="start_run", width="stretch"):
        name = run_name.checked(asked.name, folder, asked.config.preset)
        layout.go("runs", start_run(planned.used, asked.config, name, source_of(folder, asked), planned.seconds))
    st.caption("The run continues when you close this page. You will find it under Runs.")


def source_of(folder: Path, asked: Asked) -> dict[str, Any]:
    """What a run was made from, kept with it."""
    return {"files": [path.name for path in uploads.files(folder)], "device": asked.device,
            "hold_out": list(asked.hold_out)}
