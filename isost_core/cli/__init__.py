"""The command line. It starts at `isost_core.cli.main.main`; the other files hold the commands by what they do."""
