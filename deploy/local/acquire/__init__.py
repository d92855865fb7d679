"""Gets the server programs without installing anything on the machine.

What the machine has is used; the rest is unpacked from the distribution's own
packages into a folder of Pharos, shared by all stacks of the calling user.
"""

from deploy.local.acquire.errors import AcquireError
from deploy.local.acquire.folder import servers_folder
from deploy.local.acquire.inventory import Programs, present
from deploy.local.acquire.obtain import (
    Browser,
    Shipper,
    browser,
    present_shipper,
    programs,
    shipper,
)
from deploy.local.acquire.sources import Source, plan
from deploy.local.acquire.virtualenv import tracker, tracker_python

__all__ = [
    "AcquireError",
    "Browser",
    "Programs",
    "Shipper",
    "Source",
    "browser",
    "plan",
    "present",
    "present_shipper",
    "programs",
    "servers_folder",
    "shipper",
    "tracker",
    "tracker_python",
]
