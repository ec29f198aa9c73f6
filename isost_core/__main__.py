"""`python -m isost_core`, and `isost` where it is installed: the core without the app."""

import os
import sys

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that spin while they wait starve other programs

from isost_core.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
