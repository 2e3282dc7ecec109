"""Documents put together into stories: sure joins before less sure ones, one document of an edition in each."""

from __future__ import annotations

from collections.abc import Sequence


class Groups:
    """Groups of documents, of which no two are of one edition."""

    def __init__(self, editions: Sequence[str]) -> None:
        self._editions = editions
        self._parents = list(range(len(editions)))
        self._members: dict[int, list[int]] = {at: [at] for at in range(len(editions))}

    def may_join(self, one: int, other: int) -> bool:
        """Whether two documents are in different groups, which have no edition in common."""
        first, second = self._root(one), self._root(other)
        return first != second and self._told_in(first).isdisjoint(self._told_in(second))

    def join(self, one: int, other: int) -> bool:
        """Put the groups of two documents together, if they may be; returns whether they were."""
        if not self.may_join(one, other):
            return False
        first, second = sorted((self._root(one), self._root(other)))
        self._parents[second] = first
        self._members[first] += self._members.pop(second)
        return True

    def members(self) -> list[list[int]]:
        """The groups, each in order, by their first."""
        return [sorted(members) for _, members in sorted(self._members.items())]

    def first(self, at: int) -> int:
        """The first document of the group of one."""
        return self._root(at)

    def _told_in(self, root: int) -> set[str]:
        return {self._editions[at] for at in self._members[root]}

    def _root(self, at: int) -> int:
        while self._parents[at] != at:
            self._parents[at] = self._parents[self._parents[at]]
            at = self._parents[at]
        return at
