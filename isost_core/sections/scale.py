"""Sizes that cannot all be in µm: sections much wider than the others, gaps that no tissue has, and the likely factor.

The widths, spacings and gaps of a stack are compared with each other, and with what cells and sections can have.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from isost_core.errors import InputError
from isost_core.sections.spacing import neighbour_distances
from isost_core.sections.stack import Sections
from isost_core.words import plain, um

SAME_SCALE = 1.25  # two frames of one section: farther apart in size, one of them has another unit
OTHER_UNIT, PERHAPS_OTHER_UNIT = 3.0, 1.8  # times the width and the cell spacing of the other sections
ALIKE = 1.2  # width and spacing differ by the same factor
SPARSER = 4.0  # times the spacing of the other sections, at the same width
WIDE_GAP, HUGE_GAP, NO_GAP = 3.0, 6.0, 100.0  # widths of the tissue: doubtful, wrong, not computed
THIN_GAP, LEAST_GAP = 0.01, 1e-4  # cell spacings: wrong, not computed
TINY_GAP = 0.1  # µm: thinner than any section
GAPS_UM, SPACINGS_UM = (2.0, 500.0), (0.3, 500.0)  # what sections and cells have
LEAST_UM, MOST_UM, DEEPEST_UM = 1e-4, 1e4, 2e5  # cell spacings and depth of a stack that are computed
FARTHEST = 1e7  # cell spacings from the origin: farther away, places next to each other cannot be told apart
UNITS = {0.108: "the pixels of MERSCOPE", 0.12028: "the pixels of CosMx", 0.2125: "the pixels of Xenium",
         0.345: "the pixels of Open-ST", 0.5: "the spots of Stereo-seq", 0.715: "the spots of older Stereo-seq",
         1e-3: "nm", 1e3: "mm", 1e4: "cm", 1e6: "m"}  # µm per unit
GAP_ADVICE = "Give the depth of each section in µm, or one gap for all. Check the µm per unit of x and y too."
NEAR = 1.15  # a factor this close to one of UNITS may be it


@dataclass(frozen=True)
class ScaleDoubt:
    """A size that does not fit.

    what : 'line', 'width', 'spacing', 'gap' or 'unit'; severe : whether it cannot be right; names : sections it is
    about, all where it is empty; title, detail, advice : in words; value : the ratio that shows it
    """

    what: str
    severe: bool
    names: tuple[str, ...]
    title: str
    detail: str
    advice: str
    value: float


@dataclass(frozen=True)
class Sizes:
    """Of each section (K,): width, the wider side without the outermost cells, spacing, the median distance between
    neighbouring cells, and depth, increasing. All µm."""

    names: tuple[str, ...]
    width: np.ndarray
    spacing: np.ndarray
    depths: np.ndarray

    @property
    def gaps(self) -> np.ndarray:
        """(K - 1,) µm."""
        return np.diff(self.depths)

    @property
    def extended(self) -> np.ndarray:
        """(K,) whether the cells of a section lie in more than one place."""
        return (self.width > 0) & (self.spacing > 0)

    @property
    def usual_width(self) -> float:
        return float(np.median(self.width[self.extended]))

    @property
    def usual_spacing(self) -> float:
        return float(np.median(self.spacing[self.extended]))


def spread(xy: np.ndarray) -> float:
    """Median distance of points (n, 2) from their median."""
    return float(np.median(np.linalg.norm(xy - np.median(xy, axis=0), axis=1)))


def sizes_of(sections: Sections) -> Sizes:
    """Sizes of a stack."""
    places = [np.column_stack([sections.xy[rows], sections.cell_depths[rows]])
              for rows in map(sections.rows, sections.names)]
    spacing = [_spacing(np.unique(xyz, axis=0)) for xyz in places]
    return Sizes(sections.names, np.array([width_of(xyz[:, :2]) for xyz in places]), np.array(spacing),
                 np.asarray(sections.depths))


def width_of(xy: np.ndarray) -> float:
    """The wider side of places (n, 2) without the outermost ones."""
    return float(np.max(np.diff(np.quantile(xy, (0.02, 0.98), axis=0), axis=0)))


def _spacing(xyz: np.ndarray) -> float:
    return float(np.median(neighbour_distances(xyz))) if len(xyz) > 1 else 0.0


def likely_unit(um_per_unit: float) -> str:
    """What a unit of about so many µm may be, in words: '0.108 µm (the pixels of MERSCOPE)'."""
    near = {um: words for um, words in UNITS.items() if max(um / um_per_unit, um_per_unit / um) <= NEAR}
    return " or ".join(f"{plain(um, 5)} µm ({words})" for um, words in near.items())


def scale_doubts(sections: Sections) -> list[ScaleDoubt]:
    """Everything about the sizes of a stack that cannot be, or hardly, in µm; the worst first."""
    sizes = sizes_of(sections)
    if not sizes.extended.any():
        return []
    line = _lines(sections)
    if line and len(line[0].names) == len(sections.names):
        return line
    found = doubts_of(sizes)
    on_line = {name for doubt in line for name in doubt.names}
    found = line + [doubt for doubt in found if doubt.what == "gap" or not on_line & {*doubt.names}]
    return sorted(found, key=lambda doubt: not doubt.severe)


def doubts_of(sizes: Sizes) -> list[ScaleDoubt]:
    """What about sizes cannot be, or hardly, in µm; what depends on depths only where there are some."""
    if not sizes.extended.any():
        return []
    return [*_widths(sizes), *(_gaps(sizes) if len(sizes.gaps) else []), *_unit(sizes)]


def check_sizes(sizes: Sizes) -> None:
    """InputError where sizes are so far apart that nothing can be computed."""
    if not sizes.extended.any():
        return
    width, spacing, gaps = sizes.usual_width, sizes.usual_spacing, sizes.gaps
    doubts: list[ScaleDoubt] = []
    if len(gaps) and (gaps.max() > NO_GAP * width or np.median(gaps) < LEAST_GAP * spacing):
        doubts = _gaps(sizes)
    elif sizes.width[sizes.extended].max() > NO_GAP * sizes.width[sizes.extended].min():
        doubts = _widths(sizes)
    elif not LEAST_UM <= spacing <= MOST_UM:
        doubts = _unit(sizes)
    if doubts:
        raise InputError(f"{doubts[0].title}. {doubts[0].detail} {doubts[0].advice}")
    if len(gaps) and np.ptp(sizes.depths) > DEEPEST_UM:
        raise InputError(f"The stack is {um(float(np.ptp(sizes.depths)))} deep. No tissue is. Give the "
                         "depths in µm, and check the µm per unit of x and y.")


def sizes_in_words(sizes: Sizes, noun: str) -> str:
    """What the sizes mean: 'Your sections are 1.8 mm wide, cells about 9 µm apart, the stack 0.2 mm deep.' They would
    be so where they hardly can be."""
    if not sizes.extended.any():
        return ""
    verb = "would be" if doubts_of(sizes) else "are"
    deep = f", the stack {um(float(np.ptp(sizes.depths)))} deep" if len(sizes.gaps) else ""
    return (f"Your sections {verb} {_about(sizes.usual_width)} wide, {noun}s about {_about(sizes.usual_spacing)} "
            f"apart{deep}.")


def _about(length: float) -> str:
    return um(float(f"{length:.2g}"))


def check_scale(sections: Sections) -> None:
    """InputError where sizes or places are so far apart that nothing can be computed."""
    sizes = sizes_of(sections)
    check_sizes(sizes)
    if not sizes.extended.any():
        return
    spacing = sizes.usual_spacing
    far = max(float(np.abs(sections.xy).max()), float(np.abs(sections.cell_depths).max()))
    if far > FARTHEST * spacing:
        raise InputError(f"Some positions or depths are {um(far)} from the origin, but cells are "
                         f"{um(spacing)} apart. So they cannot be told apart. Take an offset away from the "
                         "coordinates, or check their unit.")


def _lines(sections: Sections) -> list[ScaleDoubt]:
    """Sections whose cells all have one x, or one y."""
    flat = [name for name in sections.names if (np.ptp(sections.xy[sections.rows(name)], axis=0) == 0).any()]
    if not flat:
        return []
    who = "all sections" if len(flat) == len(sections.names) else ", ".join(flat)
    return [ScaleDoubt("line", True, tuple(flat), f"The cells of {who} lie on one line",
                       "All cells of a section have the same x, or the same y.",
                       "Check which columns x and y are read from.", float(len(flat)))]


def _widths(sizes: Sizes) -> list[ScaleDoubt]:
    """Sections whose width and spacing differ from those of the others by one factor."""
    extended = np.flatnonzero(sizes.extended)
    usual = extended[_usual(sizes.spacing[extended])]
    usual_spacing = float(np.median(sizes.spacing[usual]))
    found = []
    for k, name in enumerate(sizes.names):
        if k in usual or not sizes.extended[k]:
            continue
        wider = sizes.width[k] / np.median(sizes.width[usual])
        sparser = sizes.spacing[k] / usual_spacing
        ratio = float(max(sparser, 1 / sparser))
        same = max(wider / sparser, sparser / wider)
        if ratio >= OTHER_UNIT and same <= ratio ** 0.5 or ratio >= PERHAPS_OTHER_UNIT and same <= ALIKE:
            found.append(_other_unit(name, float(wider), float(sparser), ratio >= OTHER_UNIT))
        elif ratio >= SPARSER:
            found.append(ScaleDoubt(
                "spacing", False, (name,), f"Cells of {name} lie {_times(sparser)} as far apart as in the other "
                "sections", f"They are {um(sizes.spacing[k])} apart, and {um(usual_spacing)} in the "
                "others.", "Check its µm per unit, and whether it was measured in the same way.", ratio))
    return found


def _usual(spacing: np.ndarray) -> list[int]:
    """The sections of the largest group of like spacing; of groups of one size, that with the likelier cells."""
    order = np.argsort(spacing)
    steps = np.diff(np.log(spacing[order])) > np.log(PERHAPS_OTHER_UNIT)
    groups = np.split(order, np.flatnonzero(steps) + 1)
    best = min(groups, key=lambda g: (-len(g), abs(np.log(np.median(spacing[g]) / 10.0))))
    return sorted(int(k) for k in best)


def _other_unit(name: str, wider: float, sparser: float, severe: bool) -> ScaleDoubt:
    unit = likely_unit(1 / sparser)
    return ScaleDoubt("width", severe, (name,), f"{name} is {_times(wider)} as wide as the other sections",
                      f"Its cells also lie {_times(sparser)} as far apart. So it probably has another unit, of about "
                      f"{plain(1 / sparser, 3)} times that of the others" + (f", such as {unit}." if unit else "."),
                      "Give the µm per unit of this section, or leave the section out.", max(sparser, 1 / sparser))


def _gaps(sizes: Sizes) -> list[ScaleDoubt]:
    width, spacing = sizes.usual_width, sizes.usual_spacing
    gap = float(np.sort(sizes.gaps)[(len(sizes.gaps) - 1) // 2])  # one that there is, of two the smaller
    widest = float(sizes.gaps.max())
    if widest > WIDE_GAP * width:
        severe, k = widest > HUGE_GAP * width, int(np.argmax(sizes.gaps))
        all_wide = gap > WIDE_GAP * width
        names = () if all_wide else sizes.names[k:k + 2]
        shown = gap if all_wide else widest
        return [ScaleDoubt("gap", severe, names, f"The gap between {'sections' if all_wide else ' and '.join(names)} is"
                           f" {_times(shown / width)} as wide as the tissue",
                           f"The gap is {um(shown)}, and the tissue is {um(width)} wide. "
                           + (_gap_words(shown, width, spacing) if all_wide else _one_gap_words(gap)),
                           GAP_ADVICE, shown / width)]
    numbers = np.allclose(sizes.gaps, 1.0) and np.allclose(sizes.depths % 1, 0) and spacing > 5.0
    if gap < TINY_GAP or gap < THIN_GAP * spacing or numbers:
        what = "The depths look like the numbers of the sections" if numbers else \
            f"The gap between sections is only {um(gap)}"
        return [ScaleDoubt("gap", True, (), what,
                           f"The gap is {um(gap)}, but cells lie {um(spacing)} apart."
                           + ("" if numbers else f" {_gap_words(gap, width, spacing)}"), GAP_ADVICE, spacing / gap)]
    return []


def _one_gap_words(usual: float) -> str:
    return (f"Other gaps are {um(usual)}. So one depth is probably wrong, or in another unit, or sections "
            "between these two are missing.")


def _gap_words(gap: float, width: float, spacing: float) -> str:
    """What the depths, or x and y, were probably given in, and the factor to µm."""
    factor = _factor_of_positions(spacing)
    if GAPS_UM[0] <= gap <= GAPS_UM[1] and factor:
        return f"If x and y are in {UNITS[factor]}, give {plain(factor, 2)} as their µm per unit."
    if factor and GAPS_UM[0] <= gap * factor <= GAPS_UM[1]:
        return (f"If depths, x and y are all in {UNITS[factor]}, multiply the depths by {plain(factor, 2)} and give "
                f"{plain(factor, 2)} as the µm per unit.")
    words = {1e-3: "nm", 1e3: "mm", 1e6: "m"}
    fits = [f for f in (1e-3, 1e3, 1e6, 1e-6, 1e-9, 1e9) if GAPS_UM[0] <= gap * f <= GAPS_UM[1] and gap * f < 2 * width]
    if not fits:
        return "Depths and positions must both be in µm."
    factor = fits[0]
    how = f"multiply them by {plain(factor, 2)}" if factor > 1 else f"divide them by {plain(1 / factor, 2)}"
    if factor in words:
        return f"If the depths are in {words[factor]}, {how}."
    return f"To get gaps of {plain(gap * factor, 2)} µm, {how}."


def _unit(sizes: Sizes) -> list[ScaleDoubt]:
    """Cells closer together, or farther apart, than any cells or spots are."""
    spacing, width = sizes.usual_spacing, sizes.usual_width
    if SPACINGS_UM[0] <= spacing <= SPACINGS_UM[1]:
        return []
    small = spacing < SPACINGS_UM[0]
    if small and 0.5 <= width <= 2.5:
        advice = "x and y seem to be scaled to a width of 1 or 2. Give how many µm one unit is."
    else:
        factor = _factor_of_positions(spacing)
        advice = "Check the unit of x and y, and give the µm per unit." + (
            f" If they are in {UNITS[factor]}, it is {plain(factor)}." if factor else "")
    return [ScaleDoubt("unit", False, (), "x and y do not look like µm",
                       f"Neighbouring cells lie {um(spacing)} apart, and the tissue is {um(width)} "
                       "wide.", advice, spacing)]


def _factor_of_positions(spacing: float) -> float | None:
    """µm per unit of x and y, where cells so far apart cannot be in µm."""
    if SPACINGS_UM[0] <= spacing <= SPACINGS_UM[1]:
        return None
    return next((f for f in (1e3, 1e-3, 1e6, 1e4) if 3 <= spacing * f <= 300), None)


def _times(ratio: float) -> str:
    return f"{plain(ratio, 2)} times"
