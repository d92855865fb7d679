"""The node agent: follows the replicas, performs process actions, rotates the servers' logs.

It keeps nothing that is not on disk or to be seen in /proc, so it may be killed
at any time, and it goes on while the supervisor is dead.
"""
