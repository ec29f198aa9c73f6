"""The report of a validation on its page: the words, tables and figures of report.html."""

from __future__ import annotations

from typing import Any, cast

import streamlit as st

from isost_core.figures.validation import GRADE_COLOURS, calibration_figure, gap_figure, genes_figure, pictures
from isost_core.reports import validation_words
from isost_core.reports.validation_page import interval_rival
from isost_core.reports.validation_tables import GENE_COLUMNS, TABLE_STYLE, lines, methods_table, sections_table
from isost_core.reports.validation_words import picture_words, standing
from isost_core.runs.run import Run
from isost_core.validation.comparison import at_width
from isost_core.validation.summary import HALVES, OURS
from isost_core.workflows.validate import validation_job
from ui.shell import layout, state, way_up, widgets
from ui.shell.downloads import file_name
from ui.validation import job

BADGES = {"A": ":primary-badge[A]", "B": ":orange-badge[B]", "C": ":red-badge[C]", "-": ":gray-badge[–]"}
CARD_STYLE = ".st-key-validation_cards > div {flex: 1 1 13.5rem; min-width: 13.5rem;}"  # as many a row as fit
ANY = "another gene"
PLAIN = {"displayModeBar": False}
Report = dict[str, Any]  # see `isost_core.validation.hold_out.validate`


def show(run: Run) -> None:
    """Everything a finished validation found; nothing where there is none."""
    report = job.report(run.path)
    if report is None:
        return
    words = validation_words.parts(report)
    _top(run, report)
    for name, content in (("pictures", _pictures), ("methods", _methods), ("genes", _genes)):
        _titled(*words[name])
        content(report)
    charts = layout.columns([1, 1], 20, "charts", gap="large")
    for column, name, content in zip(charts, ("gaps", "intervals"), (_gaps, _intervals), strict=True):
        with column:
            _titled(*words[name])
            content(report)
    _titled(*words["sections"])
    _sections(report)
    _titled(*words["notes"])
    st.caption(widgets.plain(validation_words.provenance(report)))


def _titled(title: str, text: str) -> None:
    st.header(title, anchor=False)
    st.markdown(f":gray[{widgets.plain(text)}]")


def _top(run: Run, report: Report) -> None:
    """What was held out, the downloads, and the few numbers that matter most."""
    st.header(validation_words.TITLE, anchor=False)
    st.markdown(f":gray[{widgets.plain(validation_words.introduction(report))}]")
    st.html(f"<style>{CARD_STYLE}</style>")
    with st.container(horizontal=True, gap="small", key="validation_cards"):
        for value, what, text in validation_words.cards(report):
            with st.container(border=True, height="stretch", gap="xsmall"):
                st.markdown(what)
                st.metric(what, value, label_visibility="collapsed")
                st.caption(text)
    folder = validation_job(run.path).folder
    with st.container(horizontal=True):
        for name, label, kind in (("report.html", "This report (.html)", "text/html"),
                                  ("report.json", "All numbers (.json)", "application/json")):
            st.download_button(label, (folder / name).read_bytes, file_name(run, f"validation_{name}"), kind,
                               on_click="ignore", icon=":material/download:", key=f"get_{name}")


def _pictures(report: Report) -> None:
    shown = {p["role"]: p for p in report["pictures"]}
    genes = {g["gene"]: g for g in report["genes"]}
    names = {role: f"{role.capitalize()}: {p['gene']}" for role, p in shown.items()} | {ANY: ANY.capitalize()}
    which, box = layout.columns([3, 2], 15, "pictured", align="bottom")
    role = which.pills("Gene", list(names), format_func=names.__getitem__, required=True,
                       label_visibility="collapsed", key=state.key_here("picture"), default=next(iter(names)))
    name = cast(str, shown[role]["gene"] if role in shown else box.selectbox(
        "Gene", list(genes), filter_mode="contains", label_visibility="collapsed", key=state.key_here("picture_gene")))
    st.markdown(f"**{widgets.plain(name)}** {BADGES[genes[name]['grade']]} "
                f"{widgets.plain(picture_words(genes[name], report['bins']))}")
    figures = pictures(name, report["bins"], shown.get(role))
    for number, (column, figure) in enumerate(zip(layout.columns([1] * len(figures), 20, "pictures"), figures,
                                                  strict=True)):
        column.plotly_chart(way_up.drawn(figure), theme=None, key=f"validation_picture_{number}", config=PLAIN)


def _methods(report: Report) -> None:
    sentence, behind = standing(report)
    st.markdown(sentence)
    st.html(f"<style>{TABLE_STYLE}</style>")
    st.html(lines(behind) + methods_table(report["summary"], report["about"]["grid_um"]))


def _genes(report: Report) -> None:
    legend, figure = layout.columns([2, 3], 17, "grades", gap="large", align="center")
    with legend:
        for grade, text in report["about"]["grades"].items():
            st.markdown(f"{BADGES[grade]} {text}")
    with figure:
        st.plotly_chart(genes_figure(report["genes"]), key="validation_genes", config=PLAIN)
    _gene_table(report)


def _gene_table(report: Report) -> None:
    """Genes by trust: sorted by a click on a heading, searched with the magnifying glass."""

    rows = [{"gene": g["gene"], "grade": [g["grade"]]} | {column: g[column] for column, _, _ in GENE_COLUMNS}
            for g in report["genes"]]
    looks = {column: st.column_config.NumberColumn(title, format=f"%.{digits}f")
             for column, title, digits in GENE_COLUMNS}
    looks["grade"] = st.column_config.MultiselectColumn("grade", options=list(GRADE_COLOURS), width="small",
                                                        color=list(GRADE_COLOURS.values()))
    st.dataframe(rows, hide_index=True, column_config=looks, placeholder="–",
                 height=min(38 + 35 * len(rows), 480), key="validation_gene_table")


def _gaps(report: Report) -> None:
    width = report["about"]["trust_um"]
    ceiling = report["summary"][HALVES][at_width("ceiling", width)]
    st.plotly_chart(gap_figure(report["gaps"], width, ceiling), key="validation_gaps", config=PLAIN)


def _intervals(report: Report) -> None:
    st.plotly_chart(calibration_figure(report["calibration"], OURS, interval_rival(report)), config=PLAIN,
                    key="validation_intervals")


def _sections(report: Report) -> None:
    st.html(sections_table(report["sections"], report["about"]["grid_um"]))
