"""The results of benchmarks/accuracy.py as markdown."""

from benchmarks.accuracy_bars import bars, mean_lead, rows_of
from isost_core.validation.comparison import best, mean_over, mean_rows
from isost_core.validation.summary import HALVES, OURS

HEADINGS = {"pcc_1nn": "PCC 1-NN", "genegene_r": "gene-gene r", "var_ratio": "variance ratio",
            "zero_diff": "zeros diff", "n_ratio": "count ratio", "chamfer_um": "Chamfer µm",
            "density_pcc": "density PCC", "cov80": "80 % held", "cov80_dense": "densest",
            "cov80_sparse": "sparsest", "interval_score": "interval score", "told_expression": "told by expression",
            "told_neighbours": "with ten around", "told_spacing": "by spacing"}


def markdown(results):
    """Tables and bars of cases {name: found}, as `benchmarks/accuracy.py` stores them."""
    parts = ["# Accuracy on held-out sections\n",
             "Mean over held-out sections; best value of each column in bold. A smoothing method (k-NN, kernels, "
             "ridge) has the best of its means over the places where it was evaluated (copied, both neighbours', "
             "transported and our own cells) and no cells of its own. The last row, half of a section predicting "
             "its other half, is a reference and no competitor. Told: AUC of classifiers that tell sampled from "
             "measured cells in tissue they have not learnt from, by their expression, by that and the mean of the ten "
             "cells around, and by the distances to the 1st, 5th and 20th cell; 0.5 is best.\n"]
    if len(results) > 1:
        parts.append(_summary(results))
    parts += [_case(name, found) for name, found in results.items()]
    return "\n".join(parts)


def _summary(results):
    """All cases on one page: ours / the best simple method in that column."""
    heads = ("PCC, middle bins", "PCC 1-NN", "gene-gene r", "Chamfer µm", "density PCC", "80 % held", "interval score",
             "bars met")
    text = ["Reconstruction / best simple method of each column:\n", "| | " + " | ".join(heads) + " |",
            "|---" * (len(heads) + 1) + "|"]
    for name, found in results.items():
        result, widths = next(iter(found["presets"].values())), found["widths"]
        rows = mean_rows([_scored(s) for s in result["sections"]])
        ours, judged = rows.pop(OURS), bars(name, result, widths)
        columns = (f"pcc_{sorted(widths)[1]:g}", "pcc_1nn", "genegene_r", "chamfer_um", "density_pcc", "cov80",
                   "interval_score")
        values = []
        for column in columns:
            rival = best(column, rows)[1]
            pair = [f"{v:.2f}" if column == "chamfer_um" else f"{v:.3f}" for v in (ours[column], rival)]
            leads = best(column, {"ours": ours, "rival": {column: rival}})[0] == "ours"
            pair[not leads] = f"**{pair[not leads]}**"
            values.append(" / ".join(pair))
        values.append(f"{sum(b.met for b in judged)} of {len(judged)}")
        text.append(f"| {found['title']} | " + " | ".join(values) + " |")
    first = [(next(iter(f["presets"].values())), f["widths"]) for f in results.values()]
    return "\n".join([*text, f"\nPCC minus that of the best simple method, mean over columns and data sets: "
                      f"{mean_lead(first):+.4f} (bar: above 0).\n"])


def _case(name, found):
    first, *others = found["presets"].items()
    widths = found["widths"]
    simple = mean_rows([_scored(s) for s in first[1]["sections"]])
    rows = {first[0]: simple.pop(OURS)}
    for preset, result in others:
        rows[preset] = mean_rows([_scored(s) for s in result["sections"]])[OURS]
    rows |= simple
    halves = mean_over([{k: float("nan") if v is None else v for k, v in s["halves"].items()}
                        for s in first[1]["sections"]])
    held = ", ".join(s["section"] for s in first[1]["sections"])
    times = [t for _, result in found["presets"].items() for t in result["training_s"]]
    text = [f"\n## {found['title']}\n", f"Held out: {held}. {found['machine']}; code {found['code']}, {found['date']}; "
            f"training {min(times):.0f} to {max(times):.0f} s.\n"]
    text += _table(rows, halves, widths)
    judged = bars(name, first[1], widths)
    missed = [b for b in judged if not b.met]
    text.append(f"\nBars ({first[0]}): {len(judged) - len(missed)} of {len(judged)} met.")
    text += [f"- missed: {b.what} {b.value:.4g}, {_limits(b)}, by {b.missed_by:.4g}" for b in missed]
    met = "; ".join(f"{b.what} {b.value:.3g}" + (f" ({b.by})" if b.by else "") for b in judged if b.met)
    return "\n".join([*text, f"- met: {met}"])


def _limits(bar):
    need = [f"{word} {limit:.4g}" for word, limit in (("at least", bar.low), ("at most", bar.high))
            if abs(limit) != float("inf")]
    return " and ".join(need) + (f" ({bar.by})" if bar.by else "")


def _scored(section):
    rows = rows_of({"sections": [section]})
    return {key: values[0] for key, values in rows.items()}


def _table(rows, halves, widths):
    shown = [f"pcc_{w:g}" for w in widths] + ["pcc_1nn"] + [f"rmse_{w:g}" for w in widths]
    shown += [f"coverage_{w:g}" for w in widths[:2]] + [c for c in HEADINGS if c != "pcc_1nn"]
    tops = {c: best(c, rows)[1] for c in shown}
    shown = [c for c in shown if tops[c] == tops[c]]  # what some method has a value in
    heads = [HEADINGS.get(c, c.replace("pcc_", "PCC ").replace("rmse_", "RMSE ").replace("coverage_", "bins "))
             for c in shown]
    lines = [f"| method | {' | '.join(heads)} |", "|---" * (len(shown) + 1) + "|"]
    for name, values in rows.items():
        cells = [_text(values.get(c), tops[c]) for c in shown]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    reference = [_text(halves.get(c), None) for c in shown]
    return [*lines, f"| *{HALVES}* | {' | '.join(reference)} |"]


def _text(value, top):
    if value is None or value != value:
        return ""
    text = f"{value:.3f}"
    return f"**{text}**" if top is not None and text == f"{top:.3f}" else text
