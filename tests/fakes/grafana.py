#!/usr/bin/env python3
"""Stands in for Grafana's program: refuses what the real one would, then answers `/api/health`.

It reads its arguments, `grafana.ini` and the provisioning files as Grafana does,
fills in the environment, and leaves what it understood in `seen.json`.
"""

import configparser
import json
import os
import re
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import yaml

_VARIABLE = re.compile(r"\$(\$)?\{(\w+(?:\.\w+)?)\}")


def filled(text: str) -> str:
    """Return a provisioning file's text as Grafana reads it: a doubled dollar stands for itself."""
    return _VARIABLE.sub(
        lambda found: f"${{{found[2]}}}" if found[1] else os.environ[found[2]], text
    )


def arguments() -> dict[str, str]:
    if Path(sys.argv[0]).name == "grafana" and sys.argv[1:2] != ["server"]:
        sys.exit("unknown command: want server")
    return dict(each.lstrip("-").split("=", 1) for each in sys.argv[1:] if each.startswith("--"))


def provisioned(folder: Path) -> dict[str, Any]:
    return {
        str(file.relative_to(folder)): yaml.safe_load(filled(file.read_text()))
        for file in sorted(folder.rglob("*.yaml"))
    }


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        known = self.path == "/api/health"
        self.send_response(200 if known else 401)
        self.end_headers()
        if known:
            self.wfile.write(b'{"database": "ok", "version": "12.0.0"}')

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    given = arguments()
    settings = configparser.ConfigParser(interpolation=None)
    settings.read(given["config"])
    password = Path(settings["security"]["admin_password"].removeprefix("$__file{")[:-1])
    if password.stat().st_mode & 0o077:
        sys.exit("the password's file is not private")
    understood = {
        "settings": {name: dict(section) for name, section in settings.items()},
        "provisioned": provisioned(Path(settings["paths"]["provisioning"])),
        "homepath": given.get("homepath"),
    }
    (Path(settings["paths"]["data"]) / "seen.json").write_text(json.dumps(understood))
    server = settings["server"]
    HTTPServer((server["http_addr"], int(server["http_port"])), Answer).serve_forever()


if __name__ == "__main__":
    main()
