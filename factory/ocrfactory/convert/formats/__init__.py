"""Labelled data in the formats of others: lists of lines, JSON, folders, LMDB and Parquet, one module each.

label files -> rows (`listing.Row`) -> image found by its path -> pages, judged and packed like any delivery
"""
