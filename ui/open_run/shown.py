"""What an Explore page shows: made once a rerun by the page's header, handed down from there."""

from dataclasses import dataclass

from isost_core.runs.run import Run
from ui.open_run.kept_niches import KeptNiches


@dataclass(frozen=True)
class Shown:
    """The open run, and what of it was chosen.

    chosen : genes and, in the Explorer, niches by their names, in the order of the box; niches : those that the view
    names, None where none were found
    """

    run: Run
    chosen: tuple[str, ...] = ()
    niches: KeptNiches | None = None

    @property
    def genes(self) -> list[str]:
        """The genes among what was chosen."""
        return [name for name in self.chosen if self.niche_number(name) is None]

    def niche_number(self, name: str | None) -> int | None:
        """Number of the niche of this name, or None: it is a gene, or nothing."""
        return self.niches.number_of(name) if self.niches and name else None
