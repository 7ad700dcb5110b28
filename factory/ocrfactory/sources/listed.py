"""What the sources of others' formats share: images with a label each, and one way to gather their pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from pydantic import Field

from ocrfactory.convert.entry import Container, Entry
from ocrfactory.convert.formats.chosen import Chosen, choose
from ocrfactory.convert.gather import FileFault, Found, Gathered, Gatherer, same_samples
from ocrfactory.convert.scene import Scene
from ocrfactory.sources.labelled import Labelled, Level, place_of
from ocrfactory.sources.source import Context, without_folders


class Reading(Protocol):
    """The pages of a format; what stands below is whole once they were iterated."""

    faults: list[FileFault]
    notes: list[str]

    @property
    def containers(self) -> Sequence[Container]:
        """Where its images lie."""
        ...

    def __iter__(self) -> Iterator[Found]: ...


class Listed(Labelled):
    """Images with a label each."""

    level: Level = Field("line", description="What the rows are.")

    def choose(
        self,
        context: Context,
        patterns: Sequence[str],
        needed: bool = True,
        root: str | None = None,
        cached: bool = False,
    ) -> Chosen:
        """List the paths of this source; see `chosen.choose`.

        Raises:
            InputError: a path does not exist.
            EmptyPlanError: there is no label file.
        """
        folder = None if root is None else place_of(root, context)
        paths = [place_of(path, context) for path in self.paths]
        return choose(paths, patterns, folder, context.log, needed, cached)

    def gathered(
        self,
        reading: Reading,
        read: Callable[[Entry], bytes],
        images: Iterable[Entry],
        change: Callable[[Scene], Scene] | None = None,
    ) -> tuple[Gathered, tuple[Container, ...], list[str]]:
        """See `Labelled.gather`.

        Args:
            read: gives the bytes of an image.
            images: all of them; those of equal size may be equal.
            change: of each scene, before it is compared with others.
        """
        gatherer = Gatherer(self.policy, reading.containers, self._judged(read, images, change))
        for found in reading:
            gatherer.add(found)
        for fault in reading.faults:
            gatherer.add_fault(fault)
        return gatherer.gathered(), tuple(reading.containers), reading.notes

    def _judged(
        self,
        read: Callable[[Entry], bytes],
        images: Iterable[Entry],
        change: Callable[[Scene], Scene] | None,
    ) -> Callable[[Scene], Scene] | None:
        if not self.drop_duplicates:
            return change
        same = same_samples(read, images)
        return same if change is None else lambda scene: same(change(scene))


class Rooted(Listed):
    """Lists whose paths may start somewhere else."""

    root: str | None = Field(None, description="Where the paths in the lists start. By default beside each list.")

    def portable(self) -> Rooted:
        """See `Source.portable`."""
        paths = tuple(without_folders(path) for path in self.paths)
        return self.model_copy(update={"paths": paths, "root": self.root and without_folders(self.root)})

    def chosen(self, context: Context, patterns: Sequence[str]) -> Chosen:
        """See `Listed.choose`."""
        return self.choose(context, patterns, root=self.root)
