"""While pages are read the garbage collector is held back; they need none."""

import gc
import weakref
from collections.abc import Iterator
from threading import Event, Thread

import pytest

from crawler.errors import PageSkippedError
from crawler.extract import explain, read_article
from crawler.extract.garbage import OBJECTS, seldom_collected
from crawler.pages import SavedPage, page_of
from crawler.site import Site
from tests.extract.anything import Anything
from tests.spiders.test_pages import IDS, PAGES
from tests.spiders.test_seeds import spider_of

USUAL = (700, 10, 10)
HELD_BACK = (OBJECTS, 10, 10)


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    """As it is by default, and in the end as it was."""
    before = gc.get_threshold()
    gc.set_threshold(*USUAL)
    yield
    gc.set_threshold(*before)


@pytest.mark.parametrize("layouts", ["own", "generic"])
@pytest.mark.parametrize("saved", PAGES, ids=IDS)
def test_a_page_goes_with_its_last_reference(saved: SavedPage, layouts: str) -> None:
    site = spider_of(saved.site) if layouts == "own" else Anything
    gc.disable()
    try:
        assert reference_after_reading(saved, site)() is None
    finally:
        gc.enable()


def reference_after_reading(saved: SavedPage, site: type[Site]) -> weakref.ref[object]:
    page = page_of(saved)
    try:
        read_article(page, site)
    except PageSkippedError as error:
        error.__traceback__ = None
    return weakref.ref(page)


@pytest.mark.parametrize("read", [read_article, explain])
def test_the_collector_is_held_back_while_a_page_is_read(read: object, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr("crawler.extract.article._read", lambda *_: seen.append(gc.get_threshold()) or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        read(None, Anything)  # type: ignore[operator]
    assert (seen, gc.get_threshold()) == ([HELD_BACK], USUAL)


def test_the_last_thread_puts_it_back() -> None:
    inside, leave = Event(), Event()

    def other() -> None:
        with seldom_collected:
            inside.set()
            leave.wait()

    thread = Thread(target=other)
    with seldom_collected:
        thread.start()
        inside.wait()
    assert gc.get_threshold() == HELD_BACK
    leave.set()
    thread.join()
    assert gc.get_threshold() == USUAL


@pytest.mark.parametrize("chosen", [(0, 10, 10), (OBJECTS + 1, 5, 5)])
def test_what_somebody_chose_is_kept(chosen: tuple[int, int, int]) -> None:
    gc.set_threshold(*chosen)
    with seldom_collected:
        assert gc.get_threshold() == chosen
    assert gc.get_threshold() == chosen
