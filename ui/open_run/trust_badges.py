"""The grade of each gene that a page shows, and the structures that look doubled."""

from collections.abc import Sequence
from typing import Any, Literal

import streamlit as st

from isost_core.runs.run import Run
from isost_core.validation.trust import GRADES, PROVISIONAL, RULE, GeneTrust, Trust, gene_trust
from ui.open_run import cached_run
from ui.shell import layout, widgets

Colour = Literal["green", "orange", "red", "gray"]
COLOURS: dict[str, Colour] = {"A": "green", "B": "orange", "C": "red", "-": "gray"}
VALIDATED = "A validation hid whole sections and judged the genes on them."
QUICK = (f"The quick estimate comes from {PROVISIONAL}, which also chose the settings. Hiding a section widens "
         "the gap, and the estimate allows for that. It does not compare with simple methods. A validation replaces "
         "it.")
MOST_DOUBLES = 2  # of a gene, written out


def of_run(run: Run) -> Trust:
    """Trust in a run's genes; read anew when a validation has finished."""
    files = [run.path / "trust.json", run.path / "validation" / "report.json"]
    stamps = tuple(file.stat().st_mtime_ns if file.is_file() else 0 for file in files)
    return _read(*cached_run.run_key(run), stamps, run)


@st.cache_resource(max_entries=4, show_spinner=False)
def _read(path: str, stamp: int, stamps: tuple[int, ...], _run: Run) -> Trust:
    return gene_trust(_run.path)


def popover(run: Run, genes: Sequence[str]) -> None:
    """The grades in short; in the box below them what each means, structures that look doubled, and the validation."""
    trust = of_run(run)
    doubled = any(trust.doubles_of(gene) for gene in genes)
    with st.popover(label([trust.of(gene) for gene in genes]), key="trust",
                    icon=":material/warning:" if doubled else None):
        for gene in genes:
            _about(gene, trust.of(gene), trust)
            _doubles(gene, trust.doubles_of(gene))
        judged = [trust.of(gene) for gene in genes]
        with st.expander("How it is judged"):
            st.caption(f"{QUICK if any(one.provisional for one in judged) else VALIDATED}\n\n{RULE}")
        if "validate" in layout.PAGES and st.button("Validate", icon=":material/fact_check:", key="to_validate",
                                                    help="Hide sections, predict them and compare."):
            layout.go("validate")


def label(found: Sequence[GeneTrust]) -> str:
    """'Trust A · r = 0.72' of one gene, 'Trust A B' of two, in colours."""
    said = [letter(one) if one.pcc is None or len(found) > 1 else f"{letter(one)} · r = {one.pcc:.2f}" for one in found]
    return "Trust " + " ".join(f":{COLOURS[one.grade]}-badge[{text}]" for one, text in zip(found, said, strict=True))


def letter(found: GeneTrust) -> str:
    """The grade as people read it."""
    return found.grade.replace("-", "–")


def accuracy(found: GeneTrust) -> str:
    """'Accuracy on hidden cells: r = 0.83 (quick estimate)'."""
    if found.pcc is None:
        return "Not judged"
    hidden = "cells: r" if found.provisional else "sections: r"
    return f"Accuracy on hidden {hidden} = {found.pcc:.2f}" + (" (quick estimate)" if found.provisional else "")


def _about(gene: str, found: GeneTrust, trust: Trust) -> None:
    name = f"**{widgets.plain(gene)}** :{COLOURS[found.grade]}-badge[Trust {letter(found)}] "
    st.markdown(name + accuracy(found))
    if found.pcc is None:
        why = trust.source if not trust.genes else "it does not vary in the hidden sections"
        st.caption(f"This gene has no grade yet: {widgets.plain(why)}. Validate the run to get one.")
        return
    of = "" if found.share is None else f" That is {widgets.percent(found.share)} of what a repeat of it would reach."
    st.caption(f"Grade {letter(found)}: {GRADES[found.grade]}.{of}")


def _doubles(gene: str, doubles: Sequence[dict[str, Any]]) -> None:
    for double in doubles[:MOST_DOUBLES]:
        below, above = (widgets.plain(double[side]) for side in ("below", "above"))
        st.markdown(f":orange[:material/warning: **{widgets.plain(gene)}**] looks doubled between {below} and {above}: "
                    f"two layers {widgets.um(double['apart_um'])} apart, but each section shows only one. Add a "
                    "section between them, or don't trust this gene there.")
    if len(doubles) > MOST_DOUBLES:
        st.caption(f"{widgets.plain(gene)} looks doubled in {len(doubles) - MOST_DOUBLES} more gap(s).")
