"""The one exception that pages and the command line show to a person."""


LONGEST = 1200


class InputError(ValueError):
    """What the user can fix: says what is wrong, where, and what to do next.

    Names and values from a file can hold anything: what cannot be printed is shown as '?', a long text is shortened.
    """

    def __init__(self, message=""):
        text = "".join(c if c.isprintable() else "?" for c in str(message))
        super().__init__(text if len(text) <= LONGEST else f"{text[:LONGEST // 2]} ... {text[-LONGEST // 2:]}")
