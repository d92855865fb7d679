"""A TCP proxy whose faults are made and removed over Toxiproxy's HTTP API (2.x).

`python -m deploy.faultproxy` serves it. A connection is two links, one a
direction, each with a chain of toxics that may change while data flows.

Where it differs from the original on purpose:
- an end of sending is passed on as such, and the other direction goes on; the
  original closes both ways. What a toxic ends is ended both ways here, too;
- `reset_peer` also resets connections that were open before it was added;
- removing or changing a toxic never drops what it holds, `timeout` aside;
- it listens on 127.0.0.1 only, and knows no `slicer`.

Source of the protocol: https://github.com/Shopify/toxiproxy, its README, api.go
and toxics/*.go.
"""
