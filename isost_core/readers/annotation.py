"""Columns of numbers that describe a cell and are no gene: totals, clusters, sizes, places."""

from __future__ import annotations

import re
from collections.abc import Iterable

from isost_core.readers.options import ReadOptions

_RULES = (
    # totals and shares of counts: total_counts, n_genes_by_counts, nCount_RNA, percent.mt, log1p_total_counts
    r"(total|n|num|number|number_of|sum)_?(of_)?(umis?|counts?|genes?|transcripts?|reads|features?|molecules|cells)"
    r"(_(by|per|in|of|rna|spatial|sct)\w*)?",
    r"sum|total|detected|subsets_\w+|n(count|feature)_\w+|(umi|transcript|gene|read|feature)_?counts?|log(10|1p|2)?_?\w*(counts|genes|umis?)\w*",
    r"(pct|percent|fraction|frac|prop|perc)[_.].*|.*[_.](pct|percent)|(mt|mito|ribo|rb|hb)_?(frac|fraction|ratio|percent)",
    r"(control|negative_?control|unassigned|deprecated|genomic|blank|system_?control|negprb|neg)_\w*counts?",
    r"(doublet|scrublet|s|g2m|cell_?cycle|phase)_?scores?|scores?|predicted_?doublets?|is_?doublet",
    r"(size|scale|scaling|norm|normalization)_?factors?|library_?size|(log(10|1p|2)?_?)?(n|num)_?(count|gene|umi|feature|detection)s?"
    r"|(log(10|1p|2)?|total|mean|median)_(n_?)?(counts?|genes?|umis?|reads|transcripts?|expression)|umis?|orig_?ident"
    r"|(qc|module|quality|signature|mapping)_?scores?|.*_(score|probability|confidence)|quality|confidence|prob(ability)?",
    # groups of cells
    r"(leiden|louvain|seurat|graph|graphclust|k_?means|phenograph|walktrap|bayes_?space)([_.].*)?|.*_snn_res\..*",
    r"clusters?([_.\- ]?\d+|[_.].*)?|.*[_.]clusters?|.*[_.](leiden|louvain)|cell_?types?([_.].*)?",
    r"(class|subclass|supertype|annotation|label|region|niche|domain|layer|group)s?([_.](id|no))?",
    # form and brightness of the cell
    r"(cell_?|nucleus_?|nuclear_?|nuclei_?|soma_?|spot_?|bbox_?|convex_?|filled_?)?"
    r"(area|volume|perimeter|diameter|radius|size|length|width|height)([_.]?(um|µm|um2|um\^2|µm2|µm²|px|pixels?))?",
    r"solidity|eccentricity|circularity|roundness|elongation|anisotropy|orientation|sphericity|compactness|extent",
    r"aspect_?ratio|perimeter_area_ratio|equivalent_diameter|convexity|(major|minor)_?axis(_length)?|nucleus_count|(cell_?|local_?)?density|(distance|dist)_(to|from)_.*",
    r"(mean|max|min|median|std|sum)[._](dapi|membrane.*|polyt.*|cellbound.*|pan_?ck|cd45|cd3|cd298.*|b2m|18s|rrna)",
    r"dapi|(dapi|polyt|cellbound\d*|pan_?ck)[._].*|.*_(raw|high_pass)|(\w+_)?intensity",
    # what the cell belongs to
    r"fov([_.].*)?|(tile|field|chip|lane|run|plate|well|array|capture_?area|mouse)_(id|no|num|number|index|name)",
    r"(slide|replicate|donor|animal|patient|subject|sample|section|slice|batch|library|puck|dataset)"
    r"_?(id|no|num|number|index|key|name|label|order)?|brain_section_label",
    r"(cell|barcode|nucleus)s?_?(id|no|num|number|index|name|label)?s?|(bin|spot|bead|object|entity|segment|row|obs)"
    r"_?(id|no|num|number|index|name|label)s?|index|id|level_0|unnamed[:_ ]*\d*|observation_joinid"
    r"|tissue|selected|cluster_no",
    # where and when it is
    r"in_?tissue|is_?in_?tissue|(array|pxl|image|grid|pixel)_?(row|col|x|y)(_in_.*)?",
    r"(umap|tsne|t_sne|pca?|latent|harmony)[_.\- ]?\d+|(dim|lsi|mds|scvi|pcs|diffmap|spectral)[_.\- ]\d+"
    r"|x_(pca|umap|tsne|t_sne|harmony|scvi)([_.\- ]?\d+)?|(umap|tsne|pca)[_.]?[xy]",
    r"(min|max|mean|center|centre|centroid|local|global|nucleus|coord|coordinate|spatial|position|pos)[_.\-]?[xyz](_.*)?",
    r"[xyz][_.]?(min|max|mean|um|µm|px|pixels?|microns?|pos|position|coord|coords|coordinates?|location|centroid|center"
    r"|centre|global|local)(_.*)?|(spatial|centroid|coord|coordinate)[_.\-]\d"
    r"|[xyz]_?(ccf|rotated|aligned|registered|raw|orig|original|new)|(ccf|rotated|aligned|registered|raw|orig|new)_[xyz]",
    r"z_?(um|mm|nm)?|depth([_.]?(um|mm|nm))?|bregma([_.]?(um|mm))?|(ap|ml|dv)_?(um|mm|axis|coord\w*|pos\w*)",
    r"stage|angle|rotation|age|(donor|animal|mouse|patient)_age|time_?point|\w*pseudotime|velocity_.*",
)
_ANNOTATION = re.compile("|".join(_RULES), re.IGNORECASE)
_SAY = "name it under 'How the files are read' (--as-genes)."
_GRID = {"row", "col"}  # together the place on a grid; 'row' alone is a gene of the fly


def split(columns: Iterable[str], options: ReadOptions) -> tuple[list[str], list[str]]:
    """Of columns of numbers those that are genes, and those that are annotation; what `as_genes` names is a gene."""
    named = list(columns)
    grid = {c for c in named if c.casefold() in _GRID} if {c.casefold() for c in named} >= _GRID else set()
    about = [c for c in named if c not in options.as_genes and (c in grid or _describes(c.strip()))]
    genes = set(named).difference(about)
    return [c for c in named if c in genes], about


def _describes(column: str) -> bool:
    """Whether a name is that of annotation, as it stands or without its unit and with '_' between its words."""
    words = re.sub(r"[\s.:/\-]+", "_", re.sub(r"\s*[(\[][^)\]]*[)\]]$", "", column)).strip("_")
    return bool(_ANNOTATION.fullmatch(column) or _ANNOTATION.fullmatch(words))


def notes(file: str, left: list[str]) -> tuple[str, ...]:
    """Note on columns of numbers that are no genes, as a tuple: empty where there are none."""
    if not left:
        return ()
    shown = ", ".join(left[:12]) + (f" and {len(left) - 12} more" if len(left) > 12 else "")
    if len(left) == 1:
        return (f"{file}: column '{left[0]}' describes the cells, so it was not read as a gene. If it is one, {_SAY}",)
    return (f"{file}: {len(left)} columns of numbers describe the cells, so they were not read as genes: {shown}. If "
            f"one of them is a gene, {_SAY}",)
