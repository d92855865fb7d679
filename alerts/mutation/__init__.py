"""Mutation of the alert rules: each rule is broken in small ways, and its tests must notice.

`operators` says in which ways, `mutants` breaks rules, `trial` runs the tests
against what came of it, `equivalents` knows which mutants are none.
"""
