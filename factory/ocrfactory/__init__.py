"""ocrfactory: OCR training data for scripts with huge alphabets."""

__version__ = "0.1.0"
