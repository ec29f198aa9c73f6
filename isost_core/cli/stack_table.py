"""The order, depth and unit of the sections that a command uses: as a table for a person, as rows for JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from isost_core.readers import Scan, SectionInfo, Source

FROM = {Source.DECLARED: "from the file", Source.OPTION: "given", Source.NAMES: "from the names",
        Source.ASKED: "not known"}
HEADINGS = ("order", "section", "file", "cells", "depth (µm)", "", "µm per unit", "")


def stack_table(scan: Scan) -> str:
    """One line per section, and above them where their order comes from."""
    rows = [HEADINGS, *(_cells(info) for info in scan.sections)]
    widths = [max(len(row[k]) for row in rows) for k in range(len(HEADINGS))]
    by = {Source.DECLARED: "by the depths or the order in the file", Source.OPTION: "as given",
          Source.NAMES: "by the names of the sections"}
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([f"Sections in the order that is used, {by.get(scan.order_from, 'not known')}:", *lines])


def _cells(info: SectionInfo) -> tuple[str, ...]:
    return (str(info.order), info.name, info.file, f"{info.n_cells:,}", _number(info.depth_um),
            f"({FROM[info.depth_from]})", _number(info.um_per_unit), f"({FROM[info.unit_from]})")


def _number(value: float | None) -> str:
    return "?" if value is None else f"{value:.10g}"


def stack_rows(scan: Scan) -> dict[str, Any]:
    """The same for JSON: `stack`, a dict for each section, and `order_from`."""
    return {"stack": [asdict(info) for info in scan.sections], "order_from": str(scan.order_from)}
