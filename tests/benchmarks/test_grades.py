"""The benchmark of grades: what its tables count."""

import pytest

from benchmarks.grades import compared, markdown


def test_grades_are_counted_gene_by_gene():
    provisional = {"a": {"grade": "A"}, "b": {"grade": "A"}, "c": {"grade": "C"}, "d": {"grade": "-"}}
    validated = [{"gene": "a", "grade": "A", "pcc": 0.8, "share": 0.9}, {"gene": "b", "grade": "C", "pcc": 0.2,
                 "share": None}, {"gene": "c", "grade": "B", "pcc": 0.4, "share": 0.6},
                 {"gene": "d", "grade": "B", "pcc": 0.4, "share": 0.6}]
    found = compared(provisional, validated)
    assert found["genes"] == 3 and found["table"].tolist() == [[1, 0, 1], [0, 0, 0], [0, 1, 0]]
    assert found["equal"] == pytest.approx(1 / 3) and found["within_one"] == pytest.approx(2 / 3)
    assert found["above"] == pytest.approx(1 / 3)
    assert found["grades"]["A"] == {"pcc": 0.5, "share": 0.9} and found["grades"]["B"]["pcc"] is None
    page = markdown({"bdtnp-wide": {"title": "T", "machine": "m", "code": "c", "date": "d"} | found})
    assert "| T (chooses nothing) | 3 | 0.33 | 0.67 | +0.33 | 1 | 0 | 1 |" in page
