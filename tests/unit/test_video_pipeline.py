import threading

import pytest

from course_lib.video.pipeline import Ahead, Behind, chunks


@pytest.fixture(autouse=True)
def no_thread_is_left():
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


def numbers(count, fail_at=None, closed=None):
    try:
        for i in range(count):
            if i == fail_at:
                raise OSError("torn tape")
            yield i
    finally:
        if closed is not None:
            closed.append(True)


def test_everything_arrives_in_order():
    written = []
    with Behind(written.append, 2) as put, Ahead(numbers(50), 3) as items:
        for item in items:
            put(item * 10)
    assert written == [10 * i for i in range(50)]


def test_an_error_before_comes_after_what_was_read():
    seen = []
    with Ahead(numbers(9, fail_at=4), 2) as items, pytest.raises(OSError, match="torn tape"):
        seen.extend(items)
    assert seen == [0, 1, 2, 3]


def test_an_error_behind_reaches_the_loop():
    def work(item):
        if item == 3:
            raise OSError("disk full")

    def loop():
        with Behind(work, 2) as put, Ahead(numbers(10**9), 2) as items:
            for item in items:
                put(item)

    with pytest.raises(OSError, match="disk full"):
        loop()


def test_an_error_behind_on_the_last_item_is_not_lost():
    def work(item):
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"), Behind(work, 2) as put:
        put(1)


def test_leaving_early_stops_the_reader_and_closes_its_files():
    closed = []
    with Ahead(numbers(10**9, closed=closed), 2) as items:
        assert next(iter(items)) == 0
    assert closed == [True]


def test_an_interrupt_drops_what_waits():
    started, release = threading.Event(), threading.Event()
    written = []

    def work(item):
        started.set()
        release.wait(5)
        written.append(item)

    def loop():
        with Behind(work, 5) as put:
            for item in range(5):
                put(item)
            started.wait(5)
            threading.Timer(0.05, release.set).start()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        loop()
    assert written == [0]


def test_the_reader_stays_at_most_its_depth_ahead():
    produced = []

    def source():
        for i in range(100):
            produced.append(i)
            yield i

    with Ahead(source(), 3) as items:
        for taken, _ in enumerate(items, start=1):
            assert len(produced) <= taken + 3 + 1  # in the queue, and one in the reader's hands


def test_chunks():
    assert list(chunks(range(7), 3)) == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(chunks([], 3)) == []
