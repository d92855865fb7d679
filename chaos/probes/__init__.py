"""What a drill looks at: functions that an experiment names, marked with `chaos.drill.activity`.

A probe of the steady state answers true or false and leaves what it saw in
words; what it cannot see it raises. A wait polls the abort switch, because the
engine cannot interrupt it.
"""
