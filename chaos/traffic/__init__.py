"""Traffic: replays an access log against the gateway, or makes load of its own.

Read in this order: `plan` (what was asked for) → `trace` and `work` (what is sent) →
`pace` (when) → `openloop` (sends it) → `visitor` (does one request) → `summary`.
`run` wires them, `command` is the door.
"""
