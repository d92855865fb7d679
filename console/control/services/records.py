"""What every change is written to."""

from dataclasses import dataclass

from console.control.annotations import Annotations
from console.control.services.audit_log import AuditLog
from console.control.services.clock import Clock
from console.control.storage.database import Database


@dataclass(frozen=True, slots=True)
class Records:
    """The service's file, the audit log in it, the marks on dashboards, and the time."""

    database: Database
    audit: AuditLog
    annotations: Annotations
    clock: Clock
