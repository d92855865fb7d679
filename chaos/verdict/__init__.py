"""The verdict on a drill: pure functions over what was seen; the engine's own status is not asked.

The engine calls a drill whose steady state was false from the start, or whose
action failed, `completed`. Here a drill passes only when every step is known
to have gone well; what is not known makes it inconclusive.
"""
