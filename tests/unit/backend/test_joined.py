"""What is written in one turn of the event loop leaves in one piece."""

import asyncio
from typing import Any

import pytest

from backend.api.joined import JoinedTransport


class Wire(asyncio.Transport):
    """Where the pieces arrive."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 7)})
        self.pieces: list[bytes] = []
        self.reading = True
        self.closed = False

    def writelines(self, list_of_data: Any) -> None:
        self.pieces.append(b"".join(list_of_data))

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


@pytest.fixture
async def wire() -> Wire:
    return Wire()


@pytest.fixture
async def joined(wire: Wire) -> JoinedTransport:
    return JoinedTransport(wire)


async def test_one_turn_is_one_piece_and_the_next_another(
    wire: Wire, joined: JoinedTransport
) -> None:
    joined.write(b"head ")
    joined.write(b"body")
    await asyncio.sleep(0)
    joined.write(b"more")
    await asyncio.sleep(0)
    assert wire.pieces == [b"head body", b"more"]


async def test_what_is_held_goes_before_the_end(wire: Wire, joined: JoinedTransport) -> None:
    joined.write(b"the last answer")
    joined.close()
    assert (wire.pieces, joined.is_closing()) == ([b"the last answer"], True)
    await asyncio.sleep(0)
    assert wire.pieces == [b"the last answer"]


async def test_nothing_is_sent_to_who_left_in_this_turn(
    wire: Wire, joined: JoinedTransport
) -> None:
    joined.write(b"an answer")
    wire.close()
    await asyncio.sleep(0)
    assert wire.pieces == []


async def test_the_rest_is_the_transports_own(wire: Wire, joined: JoinedTransport) -> None:
    assert joined.get_extra_info("peername") == ("127.0.0.1", 7)
    joined.pause_reading()
    assert not wire.reading
    joined.resume_reading()
    assert wire.reading
