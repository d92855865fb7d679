"""The HTTP edge: one file an endpoint family; parses, calls one service, shapes the answer."""
