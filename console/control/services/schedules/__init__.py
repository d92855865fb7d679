"""Schedules in the manner of Chaos Monkey: `choosing` says what and when, `keeper` starts it."""
