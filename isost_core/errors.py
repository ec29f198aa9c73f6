"""The one exception that pages and the command line show to a person."""


class InputError(ValueError):
    """What the user can fix: says what is wrong, where, and what to do next."""
