"""The names inside one output folder, in one place."""

from __future__ import annotations

from pathlib import Path


class Layout:
    """Where everything of one data set lies."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data_folder = folder / "data"
        self.meta = folder / "meta"
        self.manifest = folder / "manifest.json"
        self.card = folder / "README.md"
        self.preview = folder / "preview.png"
        self.charset = self.meta / "charset.txt"
        self.holes = self.meta / "holes.csv"
        self.dropped = self.meta / "dropped.csv"
        self.rejects = self.meta / "rejects.parquet"
        self.fonts = self.meta / "fonts.json"
        self.report = self.meta / "report.json"
        self.class_plan = self.meta / "class_plan.csv"
        self.views = self.meta / "views"
        self.recipes = self.meta / "recipes"
        self.private = folder / ".ocrfactory"
        self.plan = self.private / "plan.bin"
        self.facts = self.private / "plan.json"
        self.lock = self.private / "lock"
        self.sidecars = self.private / "shards"
        self.attempts = self.private / "attempts"

    def data(self, shard: str) -> Path:
        """The Parquet file of a shard. No other name in the folder ends so: `**` globs enter dot folders."""
        return self.data_folder / f"{shard}.parquet"

    def view(self, name: str) -> Path:
        """The list of rows of one view."""
        return self.views / f"{name}.parquet"

    def sidecar(self, shard: str) -> Path:
        """The statement that a shard is committed."""
        return self.sidecars / f"{shard}.json"

    def attempt(self, shard: str, number: int) -> Path:
        """The private file of one attempt; on the file system of the final one, or the rename would copy."""
        return self.attempts / f"{shard}.{number}.part"

    def in_hand(self, shard: str) -> Path:
        """Where a worker notes the row that it is drawing."""
        return self.attempts / f"{shard}.hand"

    def make_folders(self) -> None:
        """Create what a build writes into."""
        for folder in (self.data_folder, self.meta, self.recipes, self.private, self.sidecars, self.attempts):
            folder.mkdir(parents=True, exist_ok=True)
