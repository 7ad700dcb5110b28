"""Work that dies, hangs and raises on demand; a module, for spawned workers must be able to import it."""

import ctypes
import os
import signal
import sys
import threading
import time

from ocrfactory.errors import NoSpaceError


class TwoArgumentsError(Exception):
    """Pickles, and does not unpickle: the pickle holds one argument."""

    def __init__(self, first, second):
        super().__init__(f"{first} and {second}")


class Trapped:
    """Pickles, and fails where it is unpickled."""

    def __reduce__(self):
        return int, ("no number",)


def with_threads(name):
    import cv2

    return os.environ.get(name), cv2.getNumThreads()


def act(order):
    name, value = order
    if name == "fine":
        return value * 2
    if name == "raise":
        raise ValueError(f"order {value}")
    if name == "raise two":
        raise TwoArgumentsError(value, value)
    if name == "raise unpicklable":
        raise ValueError(threading.Lock())
    if name == "time out":
        raise TimeoutError("the work's own")
    if name == "no space":
        raise NoSpaceError("full", "make room")
    if name == "exit":
        sys.exit(3)
    if name == "return a lock":
        return threading.Lock()
    if name == "return a lambda":
        return lambda: value
    if name == "return a trap":
        return Trapped()
    if name == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if name == "real-time":
        os.kill(os.getpid(), 40)
    if name == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    if name == "segfault":
        ctypes.string_at(0)
    if name == "leave":
        os._exit(0)
    if name == "sleep":
        time.sleep(value)
    return value
