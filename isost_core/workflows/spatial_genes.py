"""Spatially variable genes of a finished run (Moran's I in 3D) as a job that writes into the run's folder.

RUN/spatial_genes/KEY/   request.json what was asked for; the other files of a job;
                         genes.csv: there once the genes are ranked
RUN/variable_genes.csv   the same table, of a run of an earlier version
"""

from __future__ import annotations

import os
from os import PathLike
from pathlib import Path

from isost_core.analysis.morans_i import spatially_variable
from isost_core.jobs.job import Job, Kind
from isost_core.jobs.progress import Reporter
from isost_core.runs.store import load_run

RESULT, EARLIER = "genes.csv", "variable_genes.csv"
PERMUTATIONS, SEED = 50, 0
BUSY = "The genes of this run are already being ranked. Wait until that ends, or cancel it."


def spatial_genes_job(run_folder: str | PathLike[str], permutations: int = PERMUTATIONS, seed: int = SEED,
                      owner: str | None = None) -> Job:
    """The job of ranking the genes of a run against cells permuted a number of times."""
    return Job(Kind.SPATIAL_GENES, Path(run_folder) / "spatial_genes" / f"{permutations}_{seed}", owner)


def create_spatial_genes(run_folder: str | PathLike[str], permutations: int = PERMUTATIONS, seed: int = SEED,
                         owner: str | None = None) -> Job:
    """Queue ranking the genes of a finished run; an InputError where the run is not finished, or that is going."""
    load_run(Path(run_folder))
    job = spatial_genes_job(run_folder, permutations, seed, owner)
    return job.ask({"permutations": permutations, "seed": seed}, BUSY)


def ranked_genes(run_folder: str | PathLike[str]) -> Path | None:
    """The table of genes of a run (.csv; see `spatially_variable`), or None where they were not ranked."""
    files = (spatial_genes_job(run_folder).folder / RESULT, Path(run_folder) / EARLIER)
    return next((file for file in files if file.is_file()), None)


def execute_spatial_genes(folder: Path) -> Path:
    """Rank the genes asked for by `create_spatial_genes`, in this process; returns the path of the table."""
    with Reporter(folder) as reporter:
        run = load_run(folder.parents[1])
        asked = Job(Kind.SPATIAL_GENES, folder).request()
        table = spatially_variable(run.sections, run.measured_xyz, **asked, on_step=reporter.progress)
        part = folder / f"{RESULT}.part"
        table.to_csv(part, index=False)
        os.replace(part, folder / RESULT)
    return folder / RESULT
