"""A game day: a set of drills, one after the other under traffic, and what they proved together.

`agenda` says what is to run, `run` runs it through the control service and writes a journal
of its own as it goes, `record` reads that back (a game day that was cut short, too), and
`accounts` says of each alert which drill proved it, or why none did.
"""
