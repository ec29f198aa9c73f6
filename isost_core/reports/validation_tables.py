"""Tables of a validation report as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from isost_core.axis import DEPTH, Axis
from isost_core.reports.validation_terms import column_words, method_words
from isost_core.validation.comparison import at_width, best
from isost_core.validation.summary import HALVES, OURS
from isost_core.words import um as length_words

Column = tuple[str, str, int]  # name of the value, heading, digits
Group = tuple[str, list[Column]]
CELLS: list[Group] = [("Sampled cells", [("genegene_r", "gene-gene r", 3), ("var_ratio", "variance ratio", 2),
                            ("zero_diff", "zeros, difference", 3)]),
         ("Positions", [("n_ratio", "cell count ratio", 3), ("chamfer_um", "distance to nearest cell (µm)", 1),
                        ("density_pcc", "density r", 2)]),
         ("Told from measured ones (AUC)", [("told_expression", "by expression", 2),
                                            ("told_neighbours", "with ten around", 2),
                                            ("told_spacing", "by spacing", 2)]),
         ("80 % intervals", [("cov80", "all genes", 2), ("cov80_dense", "densest genes", 2),
                             ("cov80_sparse", "sparsest genes", 2), ("interval_score", "interval score", 3)])]
GENE_COLUMNS = [("pcc", "r", 2), ("ceiling", "best possible r", 2), ("share", "share of best possible", 2),
                ("best_simple", "best simple method", 2), ("cov80", "80 % interval contains", 2),
                ("mean", "mean (log1p)", 2), ("zeros", "share of zeros", 2)]
TABLE_STYLE = """
.scroll { overflow-x: auto; margin-top: .8rem; background:  /* a shade where there is more to the side */
  linear-gradient(to right, var(--paper, white) 40%, transparent) 0 0 / 3rem 100% no-repeat local,
  linear-gradient(to left, var(--paper, white) 40%, transparent) 100% 0 / 3rem 100% no-repeat local,
  linear-gradient(to right, rgba(90, 100, 115, .4), transparent) 0 0 / .9rem 100% no-repeat scroll,
  linear-gradient(to left, rgba(90, 100, 115, .4), transparent) 100% 0 / .9rem 100% no-repeat scroll }
table { border-collapse: collapse; font-size: .84rem; font-variant-numeric: tabular-nums }
th, td { padding: .3rem .55rem; text-align: right; white-space: nowrap; border: 0;
  border-bottom: 1px solid rgba(128, 138, 152, .22) }
th:first-child, td:first-child { text-align: left; white-space: normal; overflow-wrap: anywhere; min-width: 8.5rem }
thead th { vertical-align: bottom; font-weight: 600; white-space: normal; max-width: 5.6rem }
thead tr.groups th { text-align: center; opacity: .65; max-width: none }
ul.lines { margin: .3rem 0 .6rem; padding-left: 1.3rem; columns: 2 20rem; font-size: .9rem }
th[title], td[title] { cursor: help } th[title] { text-decoration: underline dotted; text-underline-offset: .2em }
tr.ours td { background: rgba(20, 148, 140, .12) } tr.reference td { opacity: .65; font-style: italic }
td.best { font-weight: 700 }
"""
FIRST = {OURS: "this reconstruction", HALVES: "half of a section, from its other half"}


def um(length: float) -> str:
    """A length that is not broken between its number and its unit."""
    return length_words(length).replace(" ", "\N{NO-BREAK SPACE}")


def columns(widths: Iterable[float]) -> tuple[list[Group], list[Group]]:
    """Two tables of groups of columns (name of the value, heading, digits), for some bin widths."""
    shown = sorted(widths)
    mean = [(at_width("pcc", w), f"r, {um(w)} bins", 3) for w in shown] + [("pcc_1nn", "r, nearest cell", 3)]
    mean += [(at_width("rmse", w), f"RMSE {um(w)}", 3) for w in shown]
    covered = [(at_width("coverage", w), f"bins covered {um(w)}", 2) for w in shown[:2]]
    sampled, positions, told, intervals = CELLS
    return ([("Expected expression", mean), intervals], [sampled, (positions[0], positions[1] + covered), told])


def with_values(groups: Iterable[Group], rows: Iterable[Mapping[str, float | None]]) -> list[Group]:
    """Groups of the columns that have a value in one of the rows."""
    known = {column for row in rows for column, value in row.items() if value is not None}
    kept = [(name, [column for column in part if column[0] in known]) for name, part in groups]
    return [(name, part) for name, part in kept if part]


def lines(texts: Iterable[str]) -> str:
    """Short texts as a list in columns; nothing where there is none."""
    return f"<ul class=lines>{''.join(f'<li>{escape(text)}</li>' for text in texts)}</ul>" if texts else ""


def methods_table(summary: Mapping[str, Mapping[str, float | None]], widths: Iterable[float]) -> str:
    """All methods, a row each; the best value of each column bold, rounded ties too."""
    rivals = {m: {k: float("nan") if v is None else v for k, v in row.items()}
              for m, row in summary.items() if m != HALVES}
    return "".join(_methods_part(summary, rivals, with_values(groups, summary.values())) for groups in columns(widths))


def _methods_part(summary: Mapping[str, Mapping[str, float | None]], rivals: Mapping[str, Mapping[str, float]],
                  groups: Sequence[Group]) -> str:
    shown = [(c, d) for _, part in groups for c, _, d in part]
    tops = {c: best(c, rivals)[1] for c, _ in shown}
    rows = []
    for method, values in summary.items():
        if all(values.get(c) is None for c, _ in shown):
            continue
        kind = {OURS: "ours", HALVES: "reference"}.get(method, "")
        cells = "".join(_cell(values.get(c), d, method != HALVES and _same(values.get(c), tops[c], d))
                        for c, d in shown)
        rows.append(f"<tr class='{kind}'><td{_told(method_words(method))}>{escape(FIRST.get(method, method))}</td>"
                    f"{cells}</tr>")
    return _table(_head("method", groups), rows)


def sections_table(sections: Sequence[Mapping[str, Any]], widths: Iterable[float], axis: Axis = DEPTH) -> str:
    """One row per held-out section: what the reconstruction scored there."""
    where: list[Group] = [("", [("depth_um", axis.label, 0), ("gap_um", f"gap ({axis.unit})", 0)])]
    tables = []
    for groups in columns(widths):
        groups = with_values(groups, [s["methods"][OURS] for s in sections])
        shown = [(c, d) for _, part in groups for c, _, d in part]
        rows = [f"<tr><td>{escape(s['section'])}</td>" + _cell(s["depth_um"], 0) + _cell(s["gap_um"], 0)
                + "".join(_cell(s["methods"][OURS].get(c), d) for c, d in shown) + "</tr>" for s in sections]
        tables.append(_table(_head("section", where + groups), rows))
    return "".join(tables)


def _table(head: str, rows: Iterable[str]) -> str:
    return f"<div class=scroll><table>{head}<tbody>{''.join(rows)}</tbody></table></div>"


def genes_table(genes: Sequence[Mapping[str, Any]]) -> str:
    """One row per gene, which the page can sort and save."""
    head = "".join(f"<th>{escape(title)}</th>" for title in ["gene", "grade", *(t for _, t, _ in GENE_COLUMNS)])
    rows = []
    for g in genes:
        kind, shown = ("none", "–") if g["grade"] == "-" else (g["grade"], g["grade"])
        cells = "".join(f"<td data-v='{'' if g[c] is None else g[c]}'>{_text(g[c], d)}</td>"
                        for c, _, d in GENE_COLUMNS)
        rows.append(f"<tr><td>{escape(g['gene'])}</td><td data-v='{g['grade']}'><span class='grade {kind}'>{shown}"
                    f"</span></td>{cells}</tr>")
    return (f"<div class='scroll tall'><table id=genes><thead><tr>{head}</tr></thead>"
            f"<tbody>{''.join(rows)}</tbody></table></div>")


def _head(first: str, groups: Sequence[Group]) -> str:
    over = "".join(f"<th colspan={len(part)}>{escape(name)}</th>" for name, part in groups)
    under = "".join(f"<th{_told(column_words(column))}>{escape(title)}</th>"
                    for _, part in groups for column, title, _ in part)
    return f"<thead><tr class=groups><th></th>{over}</tr><tr><th>{first}</th>{under}</tr></thead>"


def _told(words: str) -> str:
    """Words that are read when pointed at, as an attribute."""
    return f' title="{escape(words)}"' if words else ""


def _cell(value: float | None, digits: int, strong: bool = False) -> str:
    return f"<td class=best>{_text(value, digits)}</td>" if strong else f"<td>{_text(value, digits)}</td>"


def _same(value: float | None, top: float | None, digits: int) -> bool:
    return value is not None and _text(value, digits) == _text(top, digits)


def _text(value: float | None, digits: int) -> str:
    return "" if value is None or value != value else f"{value:,.{digits}f}"
