"""Faults under a lease, as their callers see them: what the agent can do, and the client.

The same client speaks to a replica's ops port; the shapes of both answers are
`backend.schemas.faults`.
"""

from deploy.faults.client import FaultClient
from deploy.faults.errors import (
    FaultClientError,
    FaultNotDoneError,
    FaultPortClosedError,
    FaultRefusedError,
    FaultsForbiddenError,
    FaultTargetAwayError,
    FaultUnfitError,
    NotSignedInError,
    UnknownFaultError,
)

__all__ = [
    "FaultClient",
    "FaultClientError",
    "FaultNotDoneError",
    "FaultPortClosedError",
    "FaultRefusedError",
    "FaultTargetAwayError",
    "FaultUnfitError",
    "FaultsForbiddenError",
    "NotSignedInError",
    "UnknownFaultError",
]
