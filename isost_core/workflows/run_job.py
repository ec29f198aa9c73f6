"""DOC"""

from importlib import import_module

from isost_core.jobs.executors import NICHES, RECONSTRUCT, REGISTER, VALIDATE

_DOES = {RECONSTRUCT: ("work", "execute"), REGISTER: ("registration", "execute_registration"),
         VALIDATE: ("validation", "execute_validation"), NICHES: ("niche_jobs", "execute_niches")}


def work(job, folder):
    """Do a job in this process; returns whether it was finished, not cancelled."""
    from isost_core.jobs.progress import Cancelled

    module, function = _DOES[job]
    try:
        getattr(import_module(f"isost_core.{module}"), function)(folder)
    except Cancelled:
        return False
    return True
