"""What a character looks like where no font draws it: strokes from GlyphWiki, drawn by a plain Mincho pen.

`shipped()` is the pack that comes with the package; `ContentPack(path)` any other.
"""

from ocrfactory.fill.content.pack import ContentPack, shipped

__all__ = ["ContentPack", "shipped"]
