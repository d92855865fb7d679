"""Faults that the agent makes under a lease, and ends whoever dies: itself included.

`keeper` has the four verbs, `register` and `leases` what is on disk, `ending` the
thread that ends; `deed` is what each kind of fault can do.
"""
