"""Tables to take away."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from isost_core.files import slug
from isost_core.runs.run import Run

if TYPE_CHECKING:
    import pandas as pd


def file_name(run: Run, what: str, ending: str = "") -> str:
    """Name of a file to take away: the run's name and what it holds, fit for any file system."""
    return f"{run.file_stem}_{slug(what)}{ending}"


def csv_button(label: str, table: pd.DataFrame | Callable[[], pd.DataFrame], file: str, key: str) -> None:
    """A button that gives a table, or what makes it, as a CSV file; it is written when it is asked for."""
    st.download_button(f"{label} (.csv)", lambda: (table() if callable(table) else table).to_csv(index=False), file,
                       "text/csv", icon=":material/table:", on_click="ignore", key=key)
