"""The ledger: for each alert rule, which drill last made it fire, be delivered, and resolve.

A proof belongs to a rule as it was, known by a hash of what decides when it
fires; a rule that was changed has lost it, and after 30 days it has expired.
"""
