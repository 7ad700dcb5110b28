"""Executors map a function over items and know nothing of OCR: one file each, registered here."""

from __future__ import annotations

from ocrfactory.executors.executor import Executor
from ocrfactory.executors.processes import Processes
from ocrfactory.executors.serial import Serial

EXECUTORS: dict[str, type[Executor]] = {"serial": Serial, "processes": Processes}
