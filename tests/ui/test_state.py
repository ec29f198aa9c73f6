"""What a visitor looks at: what stays of it when another run is opened, or one afresh."""

from streamlit.testing.v1 import AppTest


def a_view():
    import streamlit as st

    from ui.shell import state

    st.session_state["widgets_made"] = {}
    state.begin_page("explorer")
    if "then" not in st.session_state:
        state.open_run("a")
        state.set_view("genes", ["Gad1"])
        state.set_view("offset", 12.0)
    else:
        getattr(state, st.session_state["then"])("b")
    st.session_state["seen"] = [state.view_value("genes", ["Mbp"]), state.view_value("offset", 0.0)]


def test_another_run_is_opened_with_the_same_genes_and_afresh_with_its_own():
    for then, seen in (("open_run", [["Gad1"], 0.0]), ("open_afresh", [["Mbp"], 0.0])):
        app = AppTest.from_function(a_view).run()
        assert not app.exception and app.session_state["seen"] == [["Gad1"], 12.0]
        app.session_state["then"] = then
        assert app.run().session_state["seen"] == seen and not app.exception
