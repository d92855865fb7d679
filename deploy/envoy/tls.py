"""The gateway's certificate: a file that names the pair, and which the gateway watches.

A new pair is served from the next connection on, without a restart.
Source: https://www.envoyproxy.io/docs/envoy/latest/configuration/security/secret
"""

import json
from pathlib import Path
from typing import Any

from deploy.home import Home

CONTEXT = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext"
PAIR = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"
NAME = "gateway"
OLDEST = "TLSv1_2"


def pair_file(home: Home) -> Path:
    """Return the file that names the certificate and its key."""
    return home.run / "envoy-tls" / "pair.json"


def write_pair(file: Path, certificate: Path, key: Path) -> None:
    """Name a pair. Rename new files into `file`'s folder to have the gateway read them again."""
    named = {
        "@type": PAIR,
        "name": NAME,
        "tls_certificate": {
            "certificate_chain": {"filename": str(certificate)},
            "private_key": {"filename": str(key)},
        },
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.parent.with_name(f".{file.name}.fresh")
    fresh.write_text(json.dumps({"resources": [named]}, indent=1))
    fresh.replace(file)


def named_pair(file: Path) -> tuple[Path, Path] | None:
    """Return the certificate and the key that `file` names; None where there is no such file."""
    try:
        named = json.loads(file.read_text())["resources"][0]["tls_certificate"]
    except FileNotFoundError:
        return None
    return Path(named["certificate_chain"]["filename"]), Path(named["private_key"]["filename"])


def transport_socket(file: Path) -> dict[str, Any]:
    """Return the listener's side of TLS, which follows the file."""
    source = {"path": str(file), "watched_directory": {"path": str(file.parent)}}
    return {
        "name": "envoy.transport_sockets.tls",
        "typed_config": {
            "@type": CONTEXT,
            "common_tls_context": {
                "alpn_protocols": ["h2", "http/1.1"],
                "tls_params": {"tls_minimum_protocol_version": OLDEST},
                "tls_certificate_sds_secret_configs": [
                    {
                        "name": NAME,
                        "sds_config": {"path_config_source": source, "resource_api_version": "V3"},
                    }
                ],
            },
        },
    }
