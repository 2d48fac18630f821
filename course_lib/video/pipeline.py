"""Decode, network and encode at the same time: a thread before the network, a thread behind it, short queues between.

The network stays in the caller's thread, where Ctrl-C arrives. An error in any of the three stops the other two, and the
caller sees the first one. Queues are bounded, so a slow stage makes the others wait instead of filling the memory.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from typing import Generic, TypeVar

T = TypeVar("T")
POLL = 0.1  # seconds between looks at the stop flag while waiting
END = object()


class Channel:
    """A queue that holds at most `depth` items, and that Ctrl-C cannot break.

    `queue.Queue` takes its lock in Python: an interrupt that comes right behind leaves it locked for ever (CPython gh-74174),
    and the other thread waits for it for ever. `SimpleQueue` does that in C. Free places go round as tokens.
    """

    def __init__(self, depth: int) -> None:
        self._items: queue.SimpleQueue = queue.SimpleQueue()
        self._places: queue.SimpleQueue = queue.SimpleQueue()
        for place in range(depth):
            self._places.put(place)

    def put(self, item: object, stop: threading.Event) -> bool:
        """Put unless stopped first; says whether it did."""
        if (place := _wait(self._places, stop)) is END:
            return False
        self._items.put((place, item))
        return True

    def get(self, stop: threading.Event) -> object:
        """The next item; END once stopped."""
        if (taken := _wait(self._items, stop)) is END:
            return END
        place, item = taken
        self._places.put(place)
        return item


class Ahead(Generic[T]):
    """`with Ahead(generator, depth) as items:` runs the generator in a thread, at most `depth` items ahead of the loop."""

    def __init__(self, items: Generator[T], depth: int) -> None:
        self._items = items
        self._queue = Channel(depth)
        self._stop = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="course-decode", daemon=True)

    def __enter__(self) -> Ahead[T]:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def __iter__(self) -> Iterator[T]:
        while (item := self._queue.get(self._stop)) is not END:
            yield item
        if self._error:
            raise self._error

    def _run(self) -> None:
        try:
            with closing(self._items) as items:  # files are closed here, in the thread that reads them
                for item in items:
                    if not self._queue.put(item, self._stop):
                        return
        except BaseException as error:  # handed to the caller, whatever it is
            self._error = error
        self._queue.put(END, self._stop)


class Behind(Generic[T]):
    """`with Behind(work, depth) as put:` calls work(item) in a thread for every put(item), at most `depth` items behind.

    Leaving the block normally waits for the rest and raises what `work` raised; leaving it by an exception drops the rest.
    """

    def __init__(self, work: Callable[[T], None], depth: int) -> None:
        self._work = work
        self._queue = Channel(depth)
        self._stop = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="course-encode", daemon=True)

    def __enter__(self) -> Callable[[T], None]:
        self._thread.start()
        return self._add

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._queue.put(END, self._stop)
                self._thread.join()
        finally:  # an interrupt while waiting ends the thread, too
            self._stop.set()
            self._thread.join()
        if kind is None and self._error:
            raise self._error

    def _add(self, item: T) -> None:
        if not self._queue.put(item, self._stop):
            raise self._error

    def _run(self) -> None:
        try:
            while (item := self._queue.get(self._stop)) is not END:
                self._work(item)
        except BaseException as error:  # handed to the caller, whatever it is
            self._error = error
            self._stop.set()


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` items, the last one shorter."""
    chunk: list[T] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _wait(source: queue.SimpleQueue, stop: threading.Event) -> object:
    """The next item; END once stopped."""
    while not stop.is_set():
        try:
            return source.get(timeout=POLL)
        except queue.Empty:
            continue
    return END
