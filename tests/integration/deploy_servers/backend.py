"""A tiny replica for the gateway's tests: `python backend.py PORT NAME`.

Answers every request with 200 and its name, except paths that end in
`/unavailable` (its own 503 problem), `/slow` (after 0.3 s) and `/broken` (closes
the connection when it has the request, as it does when `x-break` is its name).
"""

import asyncio
import json
import sys

PORT, NAME = int(sys.argv[1]), sys.argv[2]
HEAD = "HTTP/1.1 {} X\r\ncontent-type: {}\r\ncontent-length: {}\r\nx-replica: " + NAME + "\r\n\r\n"
seen: dict[str, int] = {}


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            lines = head.split("\r\n")
            path = lines[0].split(" ")[1]
            headers = {
                name.lower(): value
                for name, _, value in (line.partition(": ") for line in lines[1:])
            }
            await reader.readexactly(int(headers.get("content-length", 0)))
            seen[path] = seen.get(path, 0) + 1
            if path.endswith("/broken") or headers.get("x-break") == NAME:
                return
            await asyncio.sleep(0.3 if path.endswith("/slow") else 0.001)
            writer.write(answer(path, headers))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        return
    finally:
        writer.close()


def answer(path: str, headers: dict[str, str]) -> bytes:
    if path.endswith("/unavailable"):
        return response(503, "application/problem+json", '{"title":"no database"}')
    body = {"replica": NAME, "seen": seen, "headers": headers}
    return response(200, "application/json", json.dumps(body))


def response(status: int, kind: str, body: str) -> bytes:
    return (HEAD.format(status, kind, len(body)) + body).encode()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", PORT)
    await server.serve_forever()


asyncio.run(main())
