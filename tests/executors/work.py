"""Work that dies, hangs and raises on demand; a module, for spawned workers must be able to import it."""

import ctypes
import os
import signal
import time


def act(order):
    name, value = order
    if name == "fine":
        return value * 2
    if name == "raise":
        raise ValueError(f"order {value}")
    if name == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if name == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    if name == "segfault":
        ctypes.string_at(0)
    if name == "leave":
        os._exit(0)
    if name == "sleep":
        time.sleep(value)
    return value
