"""From a stack's files and the visitor's answers to a Scan and to Sections, kept between reruns."""

import json

import streamlit as st

from isost_core.errors import InputError
from isost_core.readers import ReadOptions, read_sections, scan, scan_file
from ui.stack import alignment, batch_correction, uploads

READING = ("section_key", "depth_key", "spatial_key", "normalize")


def sort_out(paths, reading):
    """Files that can be read, and {file name: reason} of those that can't."""
    good, bad = [], {}
    for path in paths:
        try:
            _scan_file(str(path), path.stat().st_mtime_ns, _frozen(reading))
            good.append(path)
        except InputError as error:
            bad[path.name] = str(error)
    return good, bad


def scan_stack(paths, reading):
    """What was understood of all files together."""
    return _scan([str(p) for p in paths], _stamps(paths), _frozen(reading))


def read_stack(folder, registered=True):
    """Sections as the table of the stack describes them; an InputError says what does not fit.

    registered : in the registered frame and with brightness evened out, where the visitor wants that; else in the
        frame of the files and as measured
    """
    known = uploads.answers(folder)
    paths, _ = sort_out(uploads.files(folder), known.get("reading", {}))
    used = {row["file"] for row in known.get("table", ()) if row["use"]}
    held = {path: _files_in(path, known.get("reading", {})) for path in paths}
    paths = [path for path in paths if held[path] & used]
    rows = [row for row in known.get("table", ()) if any(row["file"] in held[path] for path in paths)]
    made = _read([str(p) for p in paths], _stamps(paths), json.dumps([known.get("reading", {}), rows]))
    return batch_correction.applied(folder, alignment.applied(folder, made)) if registered else made


def _files_in(path, reading):
    """Names in the table of what a path holds: its own, or those of the sections' folders below it."""
    return {info.file for info in _scan_file(str(path), path.stat().st_mtime_ns, _frozen(reading)).sections}


def options_of(reading, rows):
    """ReadOptions from the answers: how to read, and the rows of the table of sections."""
    rows = sorted(rows, key=lambda row: row["order"])
    changed = any(row["use"] and row["depth"] != row["depth_in_file"] for row in rows)
    own = {key: value for key, value in reading.items() if key in READING and value}
    if changed:
        own.pop("depth_key", None)
    return ReadOptions(
        order=tuple(row["name"] for row in rows),
        depths=tuple(row["depth"] if row["depth"] is not None else 0.0 for row in rows) if changed else None,
        um_per_unit={row["name"]: row["scale"] for row in rows if row["scale"] is not None} or None,
        hold_out=tuple(row["name"] for row in rows if not row["use"]), **own)


def _stamps(paths):
    return tuple(path.stat().st_mtime_ns for path in paths)


def _frozen(reading):
    return json.dumps({key: value for key, value in reading.items() if key in READING and value}, sort_keys=True)


@st.cache_resource(max_entries=64, show_spinner=False)
def _scan_file(path, stamp, reading):
    return scan_file(path, ReadOptions(**json.loads(reading)))


@st.cache_resource(max_entries=16, show_spinner=False)
def _scan(paths, stamps, reading):
    return scan(paths, ReadOptions(**json.loads(reading)))


@st.cache_resource(max_entries=3, show_spinner=False)
def _read(paths, stamps, answers):
    return read_sections(paths, options_of(*json.loads(answers)))


def as_rows(scan, said):
    """Rows of the table: what the scan found, overlaid with what the visitor said of sections by name."""
    rows = []
    for number, info in enumerate(scan.sections, start=1):
        row = {"use": True, "order": number, "name": info.name, "file": info.file, "cells": info.n_cells,
               "genes": info.n_genes, "depth": info.depth_um, "scale": info.um_per_unit,
               "depth_in_file": info.depth_um, "found": _found(info)}
        mine = said.get(info.name, {})
        rows.append(row | {key: mine[key] for key in ("use", "order", "depth", "scale") if mine.get(key) is not None})
    return rows


def _found(info):
    depth = info.depth_source if info.depth_um is not None else "none"
    return f"depth: {depth} · unit: {'µm' if info.unit == 'µm' else 'none'}"


def problems(rows):
    """Why the table is not complete yet, in words; empty when it is."""
    used = [row for row in rows if row["use"]]
    found = []
    if len(used) < 2:
        found.append("At least two sections are needed: tick more of them, or upload the neighbouring sections.")
    for key, words in (("depth", "Depth (µm)"), ("scale", "µm per unit")):
        lacking = [row["name"] for row in used if row[key] is None]
        if lacking:
            found.append(f"Fill in **{words}** for {_named(lacking)}.")
    places = {}
    for row in used:
        places.setdefault(row["depth"], []).append(row["name"])
    found += [f"{_named(names)} are at the same depth ({depth:g} µm). Give each its own, or untick one."
              for depth, names in places.items() if depth is not None and len(names) > 1]
    found += [f"{row['name']}: µm per unit must be above 0." for row in used if row["scale"] is not None
              and row["scale"] <= 0]
    return found


def _named(names):
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
