"""The grade of each gene that a page shows, and the structures that look doubled."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import streamlit as st

from isost_core.runs.run import Run
from isost_core.validation.trust import GRADES, PROVISIONAL, RULE, GeneTrust, Trust, gene_trust
from ui.open_run import cached_run
from ui.shell import layout, widgets

Colour = Literal["green", "orange", "red", "gray"]
COLOURS: dict[str, Colour] = {"A": "green", "B": "orange", "C": "red", "-": "gray"}
MOST_DOUBLES = 2  # of a gene, written out


def of_run(run: Run) -> Trust:
    """Trust in a run's genes; read anew when a validation has finished."""
    files = [run.path / "trust.json", run.path / "validation" / "report.json"]
    stamps = tuple(file.stat().st_mtime_ns if file.is_file() else 0 for file in files)
    return _read(*cached_run.run_key(run), stamps, run)


@st.cache_resource(max_entries=4, show_spinner=False)
def _read(path: str, stamp: int, stamps: tuple[int, ...], _run: Run) -> Trust:
    return gene_trust(_run.path)


def badges(run: Run, genes: Iterable[str]) -> None:
    """One badge for each gene, the way to the validation, and a line for each doubled structure."""
    trust = of_run(run)
    with st.container(horizontal=True, key="trust", vertical_alignment="center", gap="small"):
        for gene in genes:
            found = trust.of(gene)
            st.badge(label(gene, found), color=COLOURS[found.grade], help=_help(found, trust))
        if "validate" in layout.PAGES and st.button("Validate", type="tertiary", icon=":material/fact_check:",
                                                    key="to_validate", help="Hide sections, predict them and "
                                                                            "compare."):
            layout.go("validate")
    for gene in genes:
        _doubles(gene, trust.doubles_of(gene))


def label(gene: str, found: GeneTrust) -> str:
    """'Gad1 · Trust A, held-out PCC 0.72 (provisional)'."""
    if found.pcc is None:
        return f"{widgets.plain(gene)} · Trust –, not judged"
    held_out = f"held-out PCC {found.pcc:.2f}" + (" (provisional)" if found.provisional else "")
    return f"{widgets.plain(gene)} · Trust {found.grade.replace('-', '–')}, {held_out}"


def _help(found: GeneTrust, trust: Trust) -> str:
    if found.pcc is None:
        why = trust.source if not trust.genes else "it does not vary in the held-out sections"
        return f"This gene has no grade yet: {widgets.plain(why)}. Validate the run to get one."
    source = ("A validation judged this gene on held-out sections." if not found.provisional else
              f"Provisional: judged on {PROVISIONAL}, which also chose the settings. Masking a section widens the gap, "
              "so the grade tends to be too strict. The gene was not compared with simple methods. A validation "
              "replaces this grade.")
    of = "" if found.share is None else f" ({widgets.percent(found.share)} of what a repeat of the section would reach)"
    return f"**{found.grade}**: {GRADES[found.grade]}. PCC {found.pcc:.2f}{of}.\n\n{source}\n\n*The rule.* {RULE}"


def _doubles(gene: str, doubles: Sequence[dict[str, Any]]) -> None:
    for double in doubles[:MOST_DOUBLES]:
        below, above = (widgets.plain(double[side]) for side in ("below", "above"))
        st.markdown(f":orange[:material/warning: **{widgets.plain(gene)}**] looks doubled between {below} and {above}: "
                    f"two layers {widgets.um(double['apart_um'])} apart, but each section shows only one. Add a "
                    "section between them, or don't trust this gene there.")
    if len(doubles) > MOST_DOUBLES:
        st.caption(f"{widgets.plain(gene)} looks doubled in {len(doubles) - MOST_DOUBLES} more gap(s).")
