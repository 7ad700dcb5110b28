"""`python -m ocrfactory` is `ocrfactory`."""

from ocrfactory.cli import main

if __name__ == "__main__":
    main()
