"""Makes an unpacked program find its own files although it looks for them below `/usr`.

The distribution's Alertmanager has the folder of its message templates compiled
in, and does not start without them. As package managers that install below a
prefix do, the path is replaced inside the program by one of equal length: a
relative one, which means the working folder. Whoever starts the program starts
it in that folder of the unpacked tree.
"""

from pathlib import Path

from deploy.local.acquire.errors import AcquireError

# Program → the folder that it knows by its absolute path.
COMPILED_IN = {"usr/bin/prometheus-alertmanager": "usr/share/prometheus/alertmanager"}

FONTS_FILE = "fonts.conf"
FONTS = """<?xml version="1.0"?>
<fontconfig>
  <dir prefix="relative">usr/share/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""


def relocate(root: Path) -> None:
    """Rewrite the programs of an unpacked tree in place, and name its fonts in a file.

    Raises:
        AcquireError: a program does not mention its folder, so it would fail later.
    """
    for program, folder in COMPILED_IN.items():
        path = root / program
        if not path.exists():
            continue
        content, known = path.read_bytes(), f"/{folder}".encode()
        if known not in content:
            raise AcquireError(
                f"{path.name} is built in another way than is known: put one on PATH"
            )
        path.write_bytes(content.replace(known, working_folder(len(known))))
    (root / FONTS_FILE).write_text(FONTS)


def working_folder(length: int) -> bytes:
    """Return a path of exactly `length` bytes that means the working folder."""
    return (b"./" * length)[:length]
