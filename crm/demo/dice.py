"""Choices that look free and are the same every time."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A seeded source of choices; each part of the demo throws its own."""

    def __init__(self, seed: str) -> None:
        self._random = Random(seed)  # noqa: S311 - varied data, not secrets

    def pick(self, options: Sequence[T]) -> T:
        """One of them."""
        return self._random.choice(options)

    def some(self, options: Sequence[T], count: int) -> list[T]:
        """Several different ones, as far as there are so many."""
        return self._random.sample(list(options), min(count, len(options)))

    def between(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return self._random.randint(low, high)

    def chance(self, per_cent: int) -> bool:
        """True so many times in a hundred."""
        return self._random.randrange(100) < per_cent

    def mixed(self, options: Sequence[T]) -> list[T]:
        """All of them in another order."""
        return self._random.sample(list(options), len(options))

    def share(self) -> float:
        """A number from 0 up to 1."""
        return self._random.random()
