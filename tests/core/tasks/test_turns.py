"""Where work stops, and where the next one begins."""

from __future__ import annotations

from contextlib import suppress

from show_goal.core.tasks.turns import Kind
from show_goal.ports.page import Page

PAGES = {None: "a", "a": "b", "b": "c", "c": None}


def kind(start: str | None, **more: bool) -> Kind[str]:
    """Pages of two items each, of which the last has no next."""
    return Kind(
        name="letters",
        page=lambda after: Page([f"{after} 1", f"{after} 2"], PAGES[after]),
        do=lambda _: None,
        id_of=str,
        start=start,
        **more,
    )


def stopped_after(items: int, start: str | None = None, **more: bool) -> tuple[str | None, bool]:
    work = kind(start, **more)
    found = work.items("seed")
    for _ in range(items):
        with suppress(KeyError):
            next(found, None)
    return work.stopped, work.over


def test_the_next_work_begins_with_the_page_that_was_not_finished() -> None:
    assert stopped_after(3) == ("a", False)
    assert stopped_after(6) == ("b", False)


def test_work_that_began_in_the_middle_goes_on_at_the_front_and_meets_each_item_once() -> None:
    found = [*kind("b").items("seed")]
    assert [item.split()[0] for item in found] == ["b", "b", "c", "c", "None", "None", "a", "a"]
    assert len({*found}) == len(found) == 8


def test_work_that_has_met_everything_lets_the_next_one_begin_at_the_front() -> None:
    assert stopped_after(9) == (None, True)


def test_work_that_cannot_finish_the_page_it_began_with_lets_the_next_one_pass_on() -> None:
    assert stopped_after(1) == ("a", False)
    assert stopped_after(1, "a") == ("b", False)


def test_work_that_could_not_begin_leaves_its_place_to_the_next_one() -> None:
    assert stopped_after(0, "b") == ("b", False)


def test_a_list_that_cannot_be_read_is_over_and_begins_at_the_front_again() -> None:
    assert stopped_after(1, "no such page") == (None, True)
    assert stopped_after(1, "no such page", a_page_a_run=True) == (None, True)


def test_an_item_that_comes_again_on_a_later_page_is_met_once_and_hides_none_behind_it() -> None:
    pages = {None: Page(["1", "2"], "a"), "a": Page(["2"], "b"), "b": Page(["2", "3"])}
    work = Kind(name="moving", page=pages.__getitem__, do=lambda _: None, id_of=str)
    assert sorted(work.items("seed")) == ["1", "2", "3"]


def test_of_what_is_not_known_to_be_due_a_run_looks_at_one_page_and_the_next_run_at_the_next() -> None:
    found, place = list[str](), None
    for _ in range(5):
        run = kind(place, a_page_a_run=True)
        found += [item.split()[0] for item in run.items("seed")][::2]
        assert run.over, "there is no more for this run"
        place = run.stopped
    assert found == ["None", "a", "b", "c", "None"]
