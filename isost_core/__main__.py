"""`python -m isost_core`: the core without the app."""

import sys

from isost_core.cli import main

sys.exit(main())
