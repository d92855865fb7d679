"""The signals that an experiment expects of the product, watched while its drill goes on.

A system that survives a fault in silence, or cries over one that is none, is
not one that can be operated: so metrics, log lines, errors and alerts are part
of what a drill proves. `expected` says what an experiment may ask for,
`sources` where it is looked for, `watches` what becomes of each, and `observer`
runs them beside the drill.
"""
