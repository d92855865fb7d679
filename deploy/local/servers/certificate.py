"""The certificate that a local gateway serves: its owner's, or one made for this machine.

One that Pharos makes is signed by itself, for the loopback names alone, and is
made anew at a start in its last month.
"""

import ipaddress
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy.home import Home
from deploy.local.component import PreparationError
from deploy.local.servers.files import write_config
from deploy.secrets import write_secret

VALID = timedelta(days=365)
RENEWED_WITHIN = timedelta(days=30)
NAMES = (x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
CERTIFICATE, KEY = "gateway_tls.crt", "gateway_tls.key"


def gateway_pair(home: Home) -> tuple[Path, Path]:
    """Return certificate and key: `PHAROS_TLS_CERTIFICATE` and `PHAROS_TLS_KEY`, or our own.

    Raises:
        PreparationError: only one of the two is set, or a file cannot be read.
    """
    named = {name: os.environ.get(name) for name in ("PHAROS_TLS_CERTIFICATE", "PHAROS_TLS_KEY")}
    if not any(named.values()):
        return _own(home)
    for name, path in named.items():
        if not path:
            raise PreparationError(f"{name} is not set: a certificate and its key go together")
        if not os.access(path, os.R_OK):
            raise PreparationError(f"{name}: {path} cannot be read")
    certificate, key = (Path(path).resolve() for path in named.values() if path)
    return certificate, key


def write_own(home: Home, valid: timedelta = VALID) -> tuple[Path, Path]:
    """Make a new pair of this stack's own, valid from now on, and return where it is."""
    own = home.conf / CERTIFICATE, home.keys / KEY
    write_pair_of(home, *own, valid)
    return own


def write_pair_of(home: Home, certificate_file: Path, key_file: Path, valid: timedelta) -> None:
    """Write a new pair for this stack's names into these files."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"pharos {home.stack_id}")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + valid)
        .add_extension(x509.SubjectAlternativeName(NAMES), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    write_secret(key_file, private.decode())
    write_config(certificate_file, certificate.public_bytes(serialization.Encoding.PEM).decode())


def _own(home: Home) -> tuple[Path, Path]:
    certificate, key = home.conf / CERTIFICATE, home.keys / KEY
    if certificate.exists() and key.exists():
        known = x509.load_pem_x509_certificate(certificate.read_bytes())
        if known.not_valid_after_utc - datetime.now(UTC) > RENEWED_WITHIN:
            return certificate, key
    return write_own(home)
