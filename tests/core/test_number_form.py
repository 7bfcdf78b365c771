"""Promises of numbers in cells: as the cell shows them, or not at all where its form is one that is not known."""

from __future__ import annotations

import pytest

from core.number_form import shown_number


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [
        (12, "0000", "0012"),
        (123456, "0000", "123456"),
        (8998605, "000-0000", "899-8605"),
        (600001, "000-0000", "060-0001"),
        (1200, '#,##0"円"', "1,200円"),
        (1200, "#,##0\\円", "1,200円"),
        (1200, "[$¥-411]#,##0", "¥1,200"),
        (1200, '[Red]"約"#,##0_ ;[Red]\\-#,##0', "約1,200"),
        (0.5, "0%", "50%"),
        (0.125, "0.0%", "12.5%"),
        (2.5, "0", "3"),
        (1.005, "0.00", "1.01"),
        (1.5, "0.0##", "1.5"),
        (2.0, "0.##", "2"),
        (-3.2, "0.0", "-3.2"),
        (-0.2, "0", "0"),
        (1e300, "0", f"{10**300}"),
        (1.0, "0." + "0" * 200, "1." + "0" * 200),
        (1 / 3, "# ?/?", "1/3"),
        (-1.5, "# ?/?", "-1 1/2"),
        (0.3, "0/10", "3/10"),
        (0.35, "# ?/10", "4/10"),
        (0.5, "# ?/4", "2/4"),
        (-1.99, "# ?/4", "-2"),
        (-0.01, "# ?/4", "0"),
        (300, '0"円"/"月"', "300円/月"),
        (2, "?/0", "2"),
        (3, '"第"0"号"', "第3号"),
        (3, '"0から"0', "0から3"),
    ],
)
def test_a_number_is_shown_in_the_form_of_its_cell(value: float, form: str, shown: str) -> None:
    assert shown_number(value, form) == shown


@pytest.mark.parametrize("form", ["General", "@", "", "m/d", "0.00E+00", "#,##0,", '"円"'])
def test_a_form_that_is_not_known_is_left_to_the_number(form: str) -> None:
    assert shown_number(1234.5, form) is None
