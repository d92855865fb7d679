"""Rehearsing the halt: for each fault type, how long from the click until nothing is left."""
