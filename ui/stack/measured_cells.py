"""Measured cells of a run's sections in the shape that the figures take."""


from isost_core import keys

TOTAL = "all genes together"


def strip(sections, gene):
    """Sections as the strip takes them, and its title words: coloured by a gene, or by all genes together."""
    rows = [(name, sections.rows(name), float(depth)) for name, depth in zip(sections.names, sections.depths,
                                                                            strict=True)]
    values = expression(sections, gene) if gene else total(sections)
    xy = sections.cells.obsm[keys.SPATIAL]
    parts = [{"name": name, "depth_um": depth, "xy": xy[at], "values": values[at]} for name, at, depth in rows]
    return parts, gene or TOTAL, "log1p" if gene else "sum of log1p"


def section(sections, number, gene):
    """(name, depth µm, xy, values) of one measured section."""
    name, at = sections.names[number], sections.rows(sections.names[number])
    return (name, float(sections.depths[number]), sections.cells.obsm[keys.SPATIAL][at],
            expression(sections, gene)[at])


def cloud(run, gene=None):
    """Measured cells in 3D, coloured by a gene or grey."""
    points = {"xyz": run.measured_xyz}
    return points if gene is None else points | {"values": expression(run.sections, gene), "name": gene}


def expression(sections, gene):
    """log1p expression of a gene in every cell."""
    column = sections.cells.X[:, sections.cells.var_names.get_loc(gene)]
    return column.toarray().ravel() if hasattr(column, "toarray") else column


def total(sections):
    """Sum over all genes in every cell."""
    return sections.cells.X.sum(axis=1).A1 if hasattr(sections.cells.X, "toarray") else sections.cells.X.sum(axis=1)
