"""What a drill does to the product, and the proof that nothing is left of it.

A fault is a function that an experiment's file names: marked with
`chaos.drill.activity`, it writes its intent to the journal, checks the abort
switch, does its deed and keeps what the verdict needs in the drill's facts. Its
counterpart, marked with `undoing`, takes it back, reads back that it is gone,
and runs in an aborted drill too.
"""
