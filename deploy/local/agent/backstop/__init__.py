"""Ends leases in time though the node agent is dead: a process beside it, there before a fault is.

The agent ends its leases itself. Killed late in one, it would be back only seconds
later: until the supervisor has noticed, and its imports are done. This process
has them done, holds nothing of its own, and does no more than the agent would
when it starts: the undo of what has expired. Leases stay on the disk for the agent.
"""
