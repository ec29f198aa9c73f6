"""How a picture deals with places of which little is known."""

from dataclasses import dataclass


@dataclass(frozen=True)
class UncertaintyView:
    """What becomes of places where less than a share of a gene's pattern is known.

    mode : 'off' (drawn like all others), 'show' (marked) or 'hide' (left out)
    least_known : the share, 0 to 1
    """

    mode: str = "off"
    least_known: float = 0.0

    @property
    def shown_below(self) -> float:
        """Known share below which places are marked."""
        return self.least_known if self.mode == "show" else 0.0

    @property
    def hidden_below(self) -> float:
        """Known share below which nothing is drawn."""
        return self.least_known if self.mode == "hide" else 0.0


OFF = UncertaintyView()
