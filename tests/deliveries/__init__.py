"""Made deliveries: folders and zips as a public data provider ships them, invented throughout, with their truth.

`make.make_delivery` writes one; `quirks.QUIRKS` names what can be wrong with it; `compare` holds a data set against the
truth; `big` writes the sizes that benchmarks need.
"""
