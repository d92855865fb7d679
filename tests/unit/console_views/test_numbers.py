"""How numbers are written."""

import pytest

from console.components import numbers


@pytest.mark.parametrize(
    ("write", "value", "text"),
    [
        (numbers.per_second, 0.004, "0.00"),
        (numbers.per_second, 99.994, "99.99"),
        (numbers.per_second, 1234.56, "1,234.6"),
        (numbers.milliseconds, 0.0123, "12.3"),
        (numbers.milliseconds, 2.5, "2,500"),
        (numbers.percent, 0.0, "0.00"),
        (numbers.percent, 0.0000123, "0.001"),
        (numbers.percent, 0.25, "25.00"),
        (numbers.mebibytes, 1536 * 1024, "1.5"),
        (numbers.whole, None, "—"),
        (numbers.lasted, 4.24, "4.2 s"),
        (numbers.lasted, 185.0, "3 min 5 s"),
        (numbers.lasted, 93600.0, "1 d 2 h"),
    ],
)
def test_a_number_reads_in_its_unit(write: numbers.Writer, value: float | None, text: str) -> None:
    assert write(value) == text
