from __future__ import annotations

from named_types.diagnostics import Place


def test_prints_as_editors_read_it() -> None:
    assert str(Place("src/a.py", 3, 7, 3, 9)) == "src/a.py:3:7"


def test_places_stand_in_the_order_of_the_text() -> None:
    first, second, third = Place("a.py", 2, 9, 2, 10), Place("a.py", 10, 1, 10, 2), Place("b.py", 1, 1, 1, 2)
    assert sorted([third, second, first]) == [first, second, third]
