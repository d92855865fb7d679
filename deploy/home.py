"""Where a stack keeps what it owns: one folder for data, logs, keys and sockets.

A stack is one home and one range of ports; two stacks with different homes and
bases run side by side. `PHAROS_HOME` and `PHAROS_PORT_BASE` choose them.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from deploy.ports import DEFAULT_BASE, Ports

PROJECT = Path(__file__).resolve().parent.parent
ROOT_HOMES = Path("/var/lib/pharos")


def _fingerprint(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:8]


def default_home() -> Path:
    """Return the home of a stack that names none.

    A calling user keeps it inside the clone. Root's PostgreSQL runs as another
    user, who could not reach a clone below a 0700 home, so root's stacks live
    under `/var/lib/pharos`, one a clone.
    """
    if os.geteuid() == 0:
        return ROOT_HOMES / _fingerprint(PROJECT)
    return PROJECT / ".pharos"


@dataclass(frozen=True, slots=True)
class Home:
    """The folders of one stack. Properties are paths; nothing here touches the disk."""

    root: Path
    ports: Ports

    @classmethod
    def from_environment(cls) -> "Home":
        """Read `PHAROS_HOME` and `PHAROS_PORT_BASE`; defaults where unset.

        Raises:
            ValueError: the port base is not a number, or its range does not fit.
        """
        root = os.environ.get("PHAROS_HOME")
        base = os.environ.get("PHAROS_PORT_BASE")
        return cls(
            root=Path(root).expanduser().resolve() if root else default_home(),
            ports=Ports.parse(base) if base else Ports(DEFAULT_BASE),
        )

    @property
    def stack_id(self) -> str:
        """Eight hex digits that mark every process of this stack."""
        return _fingerprint(self.root)

    @property
    def mark_file(self) -> Path:
        """Says that the folder is a home; without it nothing here is changed or removed."""
        return self.root / ".pharos-home"

    @property
    def keys(self) -> Path:
        """Secrets, one a file, mode 0600 in a folder of mode 0700."""
        return self.root / "keys"

    @property
    def data(self) -> Path:
        """What survives `down`: one folder a component."""
        return self.root / "data"

    @property
    def logs(self) -> Path:
        """`NAME.log`: a component's log; `NAME.out`: what it wrote before or beside it."""
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """Sockets, endpoint and target files, launch records: nothing worth keeping."""
        return self.root / "run"

    @property
    def leases(self) -> Path:
        """One file a fault that the node agent makes, until nothing of it is left."""
        return self.run / "leases"

    @property
    def aside(self) -> Path:
        """One file a replica that is out of the gateway although it lives: by whom, and why."""
        return self.run / "aside"

    @property
    def conf(self) -> Path:
        """Generated configuration files of the servers."""
        return self.root / "conf"

    @property
    def drills(self) -> Path:
        """One folder a drill: `journal.jsonl` while it runs, `verdict.json` at its end."""
        return self.root / "drills"

    @property
    def game_days(self) -> Path:
        """One folder a game day: `journal.jsonl` while it goes on, its report at the end."""
        return self.root / "game-days"

    @property
    def runs(self) -> Path:
        """One file a load run, `RUN.jsonl`: every event identity that was accepted."""
        return self.root / "runs"

    @property
    def ledger_file(self) -> Path:
        """Which drill last proved which alert rule: one JSON object a line, only ever added to."""
        return self.root / "ledger.jsonl"

    @property
    def rehearsals_file(self) -> Path:
        """How soon a halt left nothing of each fault type: one JSON object a rehearsal."""
        return self.root / "rehearsals.jsonl"

    @property
    def halt_file(self) -> Path:
        """Present while the halt switch is on: no drill may start or go on."""
        return self.root / "halt"

    @property
    def freeze_file(self) -> Path:
        """In which times no drill starts, where an operator says so (YAML)."""
        return self.root / "freeze.yaml"

    @property
    def stack_file(self) -> Path:
        """What `up` was asked for, and the wanted number of replicas a role (JSON)."""
        return self.root / "stack.json"

    @property
    def alerting_file(self) -> Path:
        """Whom to notify of alerts and how soon, where an operator says so (YAML)."""
        return self.root / "alerting.yaml"

    @property
    def product_environment(self) -> dict[str, str]:
        """The variables by which the product finds this stack's servers and secrets."""
        return {
            "PHAROS_SECRETS_DIR": str(self.keys),
            "PHAROS_POSTGRES_PORT": str(self.ports["postgres"]),
            "PHAROS_REDIS_PORT": str(self.ports["redis"]),
            "PHAROS_RABBITMQ_PORT": str(self.ports["rabbitmq"]),
        }
