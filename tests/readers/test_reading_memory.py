"""Memory while reading stays within twice the matrix, beside what any file takes (batches, libraries)."""

import pytest

from benchmarks.reading import measure

ANY_FILE_MB = 150


@pytest.mark.parametrize("kind", ["MERSCOPE", "10x .h5"])
def test_memory_is_bounded_by_the_matrix(kind):
    row = measure(kind, 200)
    assert row["matrix_mb"] > 150 and row["peak_mb"] <= 2.1 * row["matrix_mb"] + ANY_FILE_MB
