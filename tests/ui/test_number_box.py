"""A box for a typed number: what it takes, what it says, what it keeps."""

import pytest
from streamlit.testing.v1 import AppTest

from ui.shell.number_box import number_in


@pytest.mark.parametrize(("typed", "unit", "number"), [
    ("100", "", 100), (" 0,5 ", "", 0.5), ("0.5", "", 0.5), (".5", "", 0.5), ("1,200", "", 1200), ("1 200", "", 1200),
    ("1,200.5", "", 1200.5), ("1.200,5", "", 1200.5), ("1,080,000", "", 1080000), ("1.080.000", "", 1080000),
    ("1.080", "", 1.08), ("0,500", "", 0.5), ("-3", "", -3), ("−3", "", -3), ("1e3", "", 1000), ("100 µm", "µm", 100),
    ("100um", "µm", 100), ("1.2 mm", "µm", 1200), ("50 %", "%", 50), ("30°", "°", 30), ("abc", "", None),
    ("100 kg", "µm", None), ("1,2,3", "", None), ("nan", "", None), ("1e999", "", None), ("", "", None),
    ("5 µm", "", None)])
def test_what_people_write(typed, unit, number):
    assert number_in(typed, unit) == (pytest.approx(number) if number is not None else None)


def page(script):
    """A page with the boxes of a script, begun as every page is."""
    return AppTest.from_string("import streamlit as st\nfrom ui.shell import state\nfrom ui.shell.number_box import "
                               f"number_box\nstate.begin_page('Test')\n{script}\n").run()


RADIUS = "st.text(repr(number_box('Radius (µm)', 'radius', 100.0, 5, 500)))"
SIDE = "st.text(repr(number_box('Side', 'side', None, 0, empty='as large as needed')))"
ROUNDS = "st.text(repr(number_box('Rounds', 'rounds', 3, 1, 5000, whole=True)))"


def fault(app):
    return " ".join(element.proto.body for element in app.get("html"))


@pytest.mark.parametrize(("script", "typed", "value", "shown", "said"), [
    (RADIUS, "abc", "100.0", "100", "'abc' is not a number. 100 is kept."),
    (RADIUS, "4", "100.0", "100", "Between 5 and 500 µm. 100 is kept."),
    (RADIUS, "1 mm", "100.0", "100", "Between 5 and 500 µm. 100 is kept."),
    (RADIUS, "", "100.0", "100", "A number is needed. 100 is kept."),
    (RADIUS, "0.2 mm", "200.0", "200", ""), (RADIUS, "12,5", "12.5", "12.5", ""),
    (SIDE, "-1", "None", "", "At least 0. The box stays empty."), (SIDE, "", "None", "", ""),
    (SIDE, "2,000", "2000.0", "2000", ""),
    (ROUNDS, "2.5", "3", "3", "'2.5' is not a whole number. 3 is kept."), (ROUNDS, "1,200", "1200", "1200", "")])
def test_a_box_takes_it_or_says_why_and_keeps_the_number(script, typed, value, shown, said):
    app = page(script)
    assert not fault(app)
    app.text_input[0].set_value(typed).run()
    assert not app.exception
    assert (app.text[0].value, app.text_input[0].value) == (value, shown)
    words = fault(app).replace("&#x27;", "'")
    assert (said in words and "alert" in words) if said else not words


def test_what_is_wrong_is_forgotten_with_the_next_number():
    app = page(RADIUS)
    app.text_input[0].set_value("abc").run()
    app.text_input[0].set_value("50").run()
    assert app.text[0].value == "50.0" and not fault(app)


def test_a_box_follows_the_view_and_its_bounds():
    script = "most = 500 if st.checkbox('wide', True) else 60\n" + RADIUS.replace("500", "most")
    app = page(script)
    app.checkbox[0].uncheck().run()
    assert (app.text[0].value, app.text_input[0].value) == ("60.0", "60")
    assert not fault(app)


def test_an_emptied_box_means_none_where_it_may_be_empty():
    app = page(SIDE)
    app.text_input[0].set_value("7").run()
    app.text_input[0].set_value("").run()
    assert (app.text[0].value, app.text_input[0].placeholder) == ("None", "as large as needed")
