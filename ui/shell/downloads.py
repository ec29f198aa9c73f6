"""Tables to take away."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    import pandas as pd


def csv_button(label: str, table: pd.DataFrame | Callable[[], pd.DataFrame], file: str, key: str) -> None:
    """A button that gives a table, or what makes it, as a CSV file; it is written when it is asked for."""
    st.download_button(f"{label} (.csv)", lambda: (table() if callable(table) else table).to_csv(index=False), file,
                       "text/csv", icon=":material/table:", on_click="ignore", key=key)
