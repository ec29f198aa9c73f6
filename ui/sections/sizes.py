"""What depths and units mean for the sizes of the sections: said as soon as they are known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from isost_core.errors import InputError
from isost_core.readers import FileScans
from isost_core.sections.scale import Sizes, check_sizes, doubts_of, sizes_in_words
from ui.shell import widgets
from ui.stack.table import Row


def sizes_of(files: FileScans, rows: Sequence[Row]) -> Sizes | None:
    """Sizes of the sections that are used, by the table; without depths where one is not known. None where a unit is
    not known."""
    infos = {info.name: info for info in files.together.sections} if files.together else {}
    used = [row for row in rows if row["use"] and row["name"] in infos]
    if not used or any(row["scale"] is None or row["scale"] <= 0 for row in used):
        return None
    if all(row["depth"] is not None for row in used):
        used = sorted(used, key=lambda row: row["depth"])
        depths = np.array([row["depth"] for row in used], float)
    else:
        depths = np.array([])
    width, spacing = (np.array([getattr(infos[row["name"]], what) * row["scale"] for row in used], float)
                      for what in ("width", "spacing"))
    return Sizes(tuple(row["name"] for row in used), width, spacing, depths)


def shown(files: FileScans, rows: Sequence[Row]) -> bool:
    """Say what the sizes are, and what cannot be right about them; whether anything can be computed with them."""
    sizes = sizes_of(files, rows)
    if sizes is None or files.together is None or not (said := sizes_in_words(sizes, files.together.noun)):
        return True
    try:
        check_sizes(sizes)
    except InputError as error:
        st.error(f"**{said}**\n\n{widgets.said(error)}", icon=":material/straighten:")
        return False
    doubts = doubts_of(sizes)
    if doubts:
        st.warning(f"**{said}**\n\n" + "\n".join(f"- {widgets.plain(f'{d.title}. {d.detail} {d.advice}')}"
                                                for d in doubts), icon=":material/straighten:")
    else:
        st.markdown(f":material/straighten: {said}")
    return True
