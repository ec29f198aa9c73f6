"""Names of the files in the folder of a job. Folders of earlier versions have the same: they must still open."""

STATUS = "status.json"  # how far it is, replaced as a whole
REQUEST = "request.json"  # what was asked for
OWNER = "owner"  # who asked, where that matters
CANCEL = "cancel"  # there once the job is to stop
PROCESS = "process.json"  # number and birth of the process that works on it
PRINTED = "process.txt"  # what that process printed
LOG = "log.txt"
LOSSES = "losses.csv"
