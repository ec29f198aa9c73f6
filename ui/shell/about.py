"""The words of the About page."""

import importlib.metadata
import platform
from pathlib import Path

import streamlit as st

import isost_core

METHOD = """
Spatial transcriptomics measures a tissue in thin sections. Nobody measures what lies between them. isoST Studio
predicts it.

Cells move and change from one section to the next. Two small neural networks learn how: one predicts how a cell moves,
the other how its expression changes. They describe a **stochastic differential equation**. Cells of the section below
are carried upwards with it, and cells of the section above downwards, until they meet.

The expected expression at a place comes from the measured cells nearby. The closer a cell is, the more it counts.
The uncertainty comes from your own sections: some are hidden, predicted and compared with the measurement.

You get **virtual cells**, their expected expression, and how uncertain it is.
"""
LIMITS = Path(isost_core.__file__).resolve().parents[1] / "docs" / "limits.md"
LICENCE = """
The code of isoST Studio is under the MIT licence. The lit 3D scene uses stpyvista, which is under GPL-3. If you pass
the app on together with stpyvista, the terms of GPL-3 apply. Without stpyvista everything else works the same.
"""
PACKAGES = ("torch", "torchsde", "streamlit", "plotly", "pyvista", "anndata", "numpy")


def method() -> None:
    st.header("The method in plain words", anchor=False)
    st.markdown(METHOD)


def limits() -> None:
    """docs/limits.md, with its headings a step smaller."""
    title, _, text = LIMITS.read_text().partition("\n")
    st.header(title.removeprefix("# "), anchor=False)
    st.markdown(text.replace("\n## ", "\n### "))


def citation() -> None:
    st.header("Cite", anchor=False)
    st.markdown("If you publish results from this app, please cite the isoST method:")
    st.code("isoST. bioRxiv 2025.08.15.670472 (2025).\nhttps://doi.org/10.1101/2025.08.15.670472", language=None,
            wrap_lines=True)
    st.link_button("Open the preprint", "https://doi.org/10.1101/2025.08.15.670472", icon=":material/article:")


def versions() -> None:
    st.header("Versions", anchor=False)
    known = [("isoST Studio", isost_core.__version__), ("Python", platform.python_version())]
    known += [(name, importlib.metadata.version(name)) for name in PACKAGES]
    st.dataframe([{"Package": name, "Version": version} for name, version in known], hide_index=True, height="content")


def licence() -> None:
    st.header("Licence", anchor=False)
    st.markdown(LICENCE)
