"""What a job can be doing. Written to disk as the plain text; pages have their own words for each."""

from enum import StrEnum


class Stage(StrEnum):
    """A stage of a job, as status.json, losses.csv and the log name it."""

    WAITING = "waiting"
    READING = "reading"
    DONE = "done"
    CANCELLED = "cancelled"

    LATENT_SPACE = "latent space"
    EXPECTED_EXPRESSION = "mean field"  # the name that stored runs have on disk
    DRIFT = "drift"
    SHAPE = "shape"
    EXPRESSION = "expression"
    JOINT = "joint"
    CALIBRATION = "calibration"
    TISSUE = "tissue"
    TRUST = "trust"

    COMPARING_SECTIONS = "comparing sections"
    REFINING_STACK = "refining the stack"
    MEASURING_AGREEMENT = "measuring agreement"

    COMPARING_METHODS = "comparing"

    NEIGHBOURHOODS = "neighbourhoods"
    HOW_MANY_NICHES = "how many niches"
    CLUSTERS = "clusters"
    MEASURED_CELLS = "measured cells"
    TISSUE_BETWEEN = "the tissue between"

    COMPARING_GENES = "comparing with permuted cells"
