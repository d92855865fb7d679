"""Runs one drill in a process of its own: guards, engine, watcher, verdict."""
