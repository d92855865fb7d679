"""A server in this process that hears every request to its end, and hangs up without an answer."""

from contextlib import AbstractContextManager

from tests.fakes.serving import Quiet, serving


class HangUp(Quiet):
    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline()
        if self.raw_requestline and self.parse_request():
            self.body()
        self.close_connection = True


def hanging_up(port: int) -> AbstractContextManager[int]:
    """Serve on that port of 127.0.0.1."""
    return serving(HangUp, port)
