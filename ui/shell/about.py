"""The words of the About page."""

import importlib.metadata
import platform

import streamlit as st

import isost_core

METHOD = """
Spatial transcriptomics measures a tissue in thin sections, with gaps of tens of micrometres between them that
nobody measured. isoST Studio fills the gaps.

It treats depth as the direction in which the tissue changes. From each measured section it follows every cell
through the gap with a **stochastic differential equation**: one learned drift moves the cell's *position*, so that
the outline and the structures of the tissue flow from one section to the next, and one learned drift changes its
*expression*. Both look at the neighbouring measured cells. Paths run forward from the section below and backward
from the section above; between the two they are weighted by distance.

How strongly a gene is expected at a place comes from a smooth field fitted to the measured cells of the nearest
sections, read along the tissue as it moves. Its **uncertainty** is set by hiding measured sections from the model and
looking how far off it was. The *paper* preset trains with the objective as published instead.

The result is a tissue that can be cut at any depth and any angle: **virtual cells**, their expected expression, and
how uncertain it is.
"""
LIMITS = """
- **What is predicted is not measured.** Every value between sections is a model's estimate. Each picture says
  *measured* or *predicted*; treat a predicted structure as a hypothesis to test.
- Something that exists only inside a gap, with no trace in the sections around it, cannot be recovered.
- Uncertainty grows with the distance to the nearest measured section. Switch it on wherever you are about to
  conclude something: *known share* says how much of a gene's pattern the sections fix at a place.
- Not every gene can be predicted. Each carries a grade: at first a provisional one, from predicting the run's own
  sections without themselves; then that of a validation.
- A structure that moves far between two sections can come out twice. Where that seems so, the gene's page says it.
- Sections must be **aligned** to each other before upload: isoST Studio reconstructs in the coordinates it is given
  and never moves a section.
- Nothing is predicted above the first or below the last measured section.
- Units matter. A wrong depth or µm per unit gives a well-looking tissue of the wrong shape.
"""
LICENCE = """
The code of isoST Studio is under the MIT licence. The lit 3D scene uses stpyvista, which is under GPL-3: who passes
on the whole together must meet the terms of GPL-3 too. Without stpyvista everything else works the same.
"""
PACKAGES = ("torch", "torchsde", "streamlit", "plotly", "pyvista", "anndata", "numpy")


def method() -> None:
    st.subheader("The method in plain words", anchor=False)
    st.markdown(METHOD)


def limits() -> None:
    st.subheader("Limits", anchor=False)
    st.markdown(LIMITS)


def citation() -> None:
    st.subheader("Cite", anchor=False)
    st.markdown("If results made here go into a publication, cite the isoST method:")
    st.code("isoST. bioRxiv 2025.08.15.670472 (2025).\nhttps://doi.org/10.1101/2025.08.15.670472", language=None,
            wrap_lines=True)
    st.link_button("Open the preprint", "https://doi.org/10.1101/2025.08.15.670472", icon=":material/article:")


def versions() -> None:
    st.subheader("Versions", anchor=False)
    known = [("isoST Studio", isost_core.__version__), ("Python", platform.python_version())]
    known += [(name, importlib.metadata.version(name)) for name in PACKAGES]
    st.dataframe([{"Package": name, "Version": version} for name, version in known], hide_index=True, height="content")


def licence() -> None:
    st.subheader("Licence", anchor=False)
    st.markdown(LICENCE)
