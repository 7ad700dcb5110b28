"""What tests of `fill` and `fill eval` share: a folder with a charset and a generator, and the options that name it."""

from tests.fill.stand_ins import make_blur


def complete(folder, classes):
    """Put a charset and a generator beside `target.ttf` and `lender.ttf`."""
    (folder / "c.txt").write_text("".join(f"{char}\n" for char in classes), "utf-8")
    make_blur(folder / "blur.pt")
    return folder


def options(world):
    """Target, charset, lender and generator of a folder, as words of a command line."""
    return (
        "--font", world / "target.ttf", "--charset", world / "c.txt", "--content", world / "lender.ttf",
        "--generator", world / "blur.pt", "--engine", "torch", "--offline",
    )  # fmt: skip


def changed(words, changes):
    """The same words with other values behind some options."""
    before = [None, *words]
    return [changes.get(option, word) for option, word in zip(before, words, strict=False)]
