"""A fault that is one thread's work: begun, told to end, and gone when the thread is."""

import threading
from abc import ABC, abstractmethod


class ThreadedFault(ABC):
    """`over` is set when the thread is to end."""

    def __init__(self, kind: str) -> None:
        self.over = threading.Event()
        # A daemon: a process that ends waits for no fault.
        self._thread = threading.Thread(target=self.run, name=f"fault {kind}", daemon=True)

    @abstractmethod
    def run(self) -> None:
        """Do it until `over` is set, and leave nothing behind."""

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.over.set()

    def gone(self) -> bool:
        return not self._thread.is_alive()
