"""Source kind `aihub`: crops of AIHub's photos and scans, or its ready-made word images, with their labels."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from ocrfactory.convert import adapters
from ocrfactory.convert.adapter import Adapter
from ocrfactory.convert.aihub import Aihub as Reading
from ocrfactory.convert.delivery import find_delivery
from ocrfactory.convert.entry import Container
from ocrfactory.convert.gather import Gathered, Gatherer, same_samples
from ocrfactory.convert.recognise import contradictions, first_look
from ocrfactory.convert.spec import load_spec
from ocrfactory.sources.labelled import UNKNOWN, Labelled, place_of
from ocrfactory.sources.source import Context, without_folders

AIHUB = "LicenseRef-AIHub"


class Aihub(Labelled):
    """A delivery of AIHub, or any other whose labels a spec describes."""

    kind: Literal["aihub"] = "aihub"
    name: str = Field("aihub", pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="First part of every id.")
    dataset: str | None = Field(None, description="The data set by number or name; by default its labels tell.")
    spec: str | None = Field(None, description="A file that describes the labels of another data set.")
    license: str | None = Field(
        None,
        min_length=1,
        description="SPDX name for the column `license`. By default LicenseRef-AIHub; with spec, what that says.",
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Aihub:
        if self.dataset is not None and self.spec is not None:
            raise ValueError("dataset names a known data set, spec describes another: take one of them")
        return self

    def portable(self) -> Aihub:
        """See `Source.portable`."""
        paths = tuple(without_folders(path) for path in self.paths)
        return self.model_copy(update={"paths": paths, "spec": self.spec and without_folders(self.spec)})

    def gather(self, context: Context) -> tuple[Gathered, tuple[Container, ...], list[str]]:
        """See `Labelled.gather`."""
        delivery = find_delivery([place_of(path, context) for path in self.paths], context.log)
        adapter = self._adapter(context)
        reading = Reading(delivery, adapter, self.level, self.join, self.name, context.log)
        if self.dataset is not None and adapter is not None:
            reading.notes += contradictions(adapter, first_look(delivery))
        same = same_samples(reading.reader.read, delivery.images) if self.drop_duplicates else None
        gatherer = Gatherer(self.policy, delivery.containers, same)
        for found in reading:
            gatherer.add(found)
        for fault in reading.faults:
            gatherer.add_fault(fault)
        return gatherer.gathered(), delivery.containers, reading.notes

    def licence(self, context: Context) -> str:
        """See `Labelled.licence`."""
        if self.license is not None:
            return self.license
        return AIHUB if self.spec is None else load_spec(place_of(self.spec, context)).license or UNKNOWN

    def _adapter(self, context: Context) -> Adapter | None:
        if self.spec is not None:
            return load_spec(place_of(self.spec, context))
        return None if self.dataset is None else adapters.get(self.dataset)
