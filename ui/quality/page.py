"""The Quality page: the verdict, the findings with their pictures, the tables, what can be done at once."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from isost_core.figures import quality as qc_figures
from isost_core.figures.colours import CANVAS
from isost_core.figures.quality import finding_picture, shared_picture
from isost_core.quality.findings import Finding
from isost_core.quality.stack_quality import Quality
from isost_core.reports import quality_words
from isost_core.reports.quality_page import page_of
from isost_core.reports.quality_words import introduction, verdict_line
from ui.quality.summary import quality_of
from ui.shell import layout, way_up, widgets
from ui.stack import batch_correction, side_by_side
from ui.stack.prepared import PreparedStack

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

BADGES = {"severe": ":red-badge[Severe]", "warning": ":orange-badge[Warning]", "note": ":gray-badge[Note]"}
PLAIN = {"displayModeBar": False}
WAYS_ON = {"agreement": ("registration", "Registration"), "pose": ("registration", "Registration"),
           "shift": ("registration", "Registration"), "order": ("sections", "Sections"),
           "gap": ("sections", "Sections"), "depth": ("sections", "Sections"), "copy": ("sections", "Sections"),
           "counts": ("sections", "Sections"), "coverage": ("sections", "Sections"),
           "genes": ("sections", "Sections"), "units": ("sections", "Sections")}
MOST_PICTURES = 8


def show(stack: PreparedStack) -> None:
    """All that was found of the sections."""
    quality = quality_of(stack)
    _verdict(quality)
    _actions(stack.folder, quality)
    pictured = [f for f in quality.findings if f.severity != "note"][:MOST_PICTURES]
    drawn: set[str] = set()  # charts of the whole stack that a finding shows already
    for number, found in enumerate(pictured):
        shared = shared_picture(found)
        _finding(quality, found, number, pictured=shared not in drawn)
        drawn |= {shared} - {""}
    for found in [f for f in quality.findings if f not in pictured]:
        st.markdown(f"{BADGES[found.severity]} **{widgets.plain(found.title)}.** {widgets.plain(found.detail)} "
                    f":gray[{widgets.plain(found.advice)}]")
    _neighbours(quality, drawn)
    _sections(quality, drawn)


def _verdict(quality: Quality) -> None:
    verdict, why = verdict_line(quality)
    box = {"severe": st.error, "warning": st.warning, "note": st.success}[quality.severity]
    icon = {"severe": "block", "warning": "visibility", "note": "check_circle"}[quality.severity]
    box(f"**{verdict}.** {why}", icon=f":material/{icon}:")
    st.markdown(f":gray[{widgets.plain(introduction(quality))}]")


def _actions(folder: Path, quality: Quality) -> None:
    """Correction of brightness, and the report to keep."""
    y_down = way_up.is_down()
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        on = st.toggle("Correct brightness between sections", batch_correction.is_on(folder), key="correct_brightness",
                       disabled=len(quality.sections) < 3,
                       help="Removes jumps in brightness between sections, gene by gene. Steady changes along depth "
                            "stay. New runs use the corrected values. You need at least three sections.")
        if on != batch_correction.is_on(folder):
            batch_correction.switch(folder, on)
            st.rerun()
        way_up.toggle()
        st.space("stretch")
        st.download_button("This report (.html)", lambda: page_of(quality, y_down), "quality.html", "text/html",
                           on_click="ignore", icon=":material/download:", key="get_quality_html")
        st.download_button("All numbers (.json)", json.dumps(quality.to_dict(), indent=1), "quality.json",
                           "application/json", on_click="ignore", icon=":material/download:", key="get_quality_json")


def _finding(quality: Quality, found: Finding, number: int, pictured: bool) -> None:
    with st.container(border=True, key=f"finding_{number}"):
        if not pictured:
            _finding_words(found)
            return
        words, picture = st.columns([2, 3], gap="medium", vertical_alignment="center")
        with words:
            _finding_words(found)
        with picture:
            _chart(finding_picture(quality, found), f"picture_{number}")


def _finding_words(found: Finding) -> None:
    st.markdown(f"{BADGES[found.severity]} :gray[{widgets.plain(found.where)}]")
    st.markdown(f"##### {widgets.plain(found.title)}")
    st.markdown(widgets.plain(found.detail))
    st.markdown(f"**What to do:** {widgets.plain(found.advice)}")
    if found.kind in WAYS_ON:
        page, label = WAYS_ON[found.kind]
        st.page_link(layout.PAGES[page], label=label, icon=":material/arrow_forward:")


def _chart(figure: Figure, key: str) -> None:
    """A picture of tissue keeps its dark canvas; a chart takes the colours of the page."""
    layout: Any = figure.layout
    dark = layout.paper_bgcolor == CANVAS
    st.plotly_chart(way_up.drawn(figure), theme=None if dark else "streamlit", key=key, config=PLAIN)


def _neighbours(quality: Quality, drawn: Collection[str]) -> None:
    st.subheader("Neighbours", anchor=False)
    st.markdown(f":gray[{widgets.plain(quality_words.agreement_words(quality))}]")
    charts = {"agreement": lambda: qc_figures.agreement_figure(quality),
              "structure": lambda: qc_figures.structure_figure(quality.structure)}
    left = [name for name in charts if name not in drawn]
    for place, name in zip(widgets.beside(len(left), "chart") if left else [], left, strict=True):
        several = len(quality.pairs) if name == "agreement" else 0
        with place, side_by_side.room_for(several, side_by_side.PAIRS, f"{name}_room"):
            _chart(charts[name](), f"quality_{name}")
    rows = [(f"{p['first']} – {p['second']}", quality_words.pair_values(quality, k))
            for k, p in enumerate(quality.pairs)]
    _table("neighbours", quality_words.pair_columns(quality), rows, quality_words.column_help(quality), "quality_pairs")


def _sections(quality: Quality, drawn: Collection[str]) -> None:
    st.subheader("Sections", anchor=False)
    with side_by_side.room_for(len(quality.sections), side_by_side.SECTIONS, "quality_room"):
        _chart(qc_figures.strip(quality), "quality_strip")
    rows = [(row["name"], quality_words.section_values(row)) for row in quality.sections]
    _table("section", quality_words.section_columns(quality), rows, quality_words.column_help(quality),
           "quality_sections")
    if "depth" not in drawn:
        _chart(qc_figures.depth_figure(quality.sections, noun=quality_words.noun_of(quality)), "quality_depth")


def _table(first: str, columns: Sequence[tuple[str, str, int]], rows: Iterable[tuple[str, dict[str, Any]]],
           helps: Mapping[str, str], key: str) -> None:
    looks = {name: st.column_config.NumberColumn(title, format=f"%,.{digits}f" if digits else "localized",
                                                 help=helps.get(name))
             for name, title, digits in columns}
    shown = [{first: name} | {column: round(float(values[column]), digits) for column, _, digits in columns}
             for name, values in rows]
    st.dataframe(shown, hide_index=True, column_config=looks, key=key, placeholder="–")
