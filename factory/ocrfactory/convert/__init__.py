"""Labelled deliveries: what people photographed, scanned and typed, read as a source like any other.

delivery (tree, zips) -> labels -> adapter -> pages -> pairing, repairs -> scenes, packed -> [decode once -> crops]
"""
