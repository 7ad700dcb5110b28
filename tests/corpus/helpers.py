"""What the tests of corpora share."""

from collections import Counter
from typing import Annotated

from ocrfactory.charset import grapheme_count
from ocrfactory.corpus import Lengths, as_corpora, compose
from ocrfactory.corpus.kinds import AnyCorpus
from pydantic import BeforeValidator, TypeAdapter

_CORPORA = TypeAdapter(Annotated[tuple[AnyCorpus, ...], BeforeValidator(as_corpora)])


def corpora(*specs):
    """Models of corpora, as a recipe makes them."""
    return _CORPORA.validate_python(list(specs))


def texts(*specs, count=None, seed=7, lengths=(5, 30), **more):
    """The composition of some corpora; `lengths` is a model or (least, most)."""
    limits = lengths if isinstance(lengths, Lengths) else Lengths(min=lengths[0], max=lengths[1])
    return compose(corpora(*specs), count=count, seed=seed, lengths=limits, **more)


def sizes(found):
    """How often each length occurs."""
    return Counter(map(grapheme_count, found.texts))


def dropped(found):
    """Reason to count."""
    return {each.reason: each.count for each in found.dropped}
