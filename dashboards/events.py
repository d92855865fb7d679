"""The Events dashboard: an event's whole way, station by station."""

from backend.observability.catalogue import (
    BROKER_CONNECTED,
    CONSUMER_DURATION,
    CONSUMER_EVENTS,
    EVENT_FRESHNESS,
    EVENTS_ACCEPTED,
    OUTBOX_AGE,
    OUTBOX_DEPTH,
    QUEUE_CONSUMERS,
    QUEUE_MESSAGES,
    RELAY_CONFIRM_DURATION,
    RELAY_PUBLISHED,
    RELAY_UNCONFIRMED,
)
from dashboards.expressions import per_second, value
from dashboards.lines import DEAD, YES_NO, quantiles
from dashboards.model import Dashboard, Form, Line, Panel, Row

WAY = Row(
    "The whole way",
    (
        Panel(
            "From acceptance to the read model",
            "Events a second at each station. Good: one line upon the other; lines that part show "
            "where events wait.",
            "cps",
            (
                Line("accepted", per_second(EVENTS_ACCEPTED, where='result="new"')),
                Line("published", per_second(RELAY_PUBLISHED, where='outcome="acked"')),
                Line("applied", per_second(CONSUMER_EVENTS, where='outcome="applied"')),
            ),
        ),
        Panel(
            "Freshness",
            "Time from an event's acceptance to its place in the read model. Good: under the "
            "objective's 5 s.",
            "s",
            quantiles(EVENT_FRESHNESS),
            bad_from=5,
            requests=True,
        ),
        Panel(
            "Dead letters",
            "Messages that failed for good and wait for a person. Good: zero.",
            "short",
            (Line("{{queue}}", value(QUEUE_MESSAGES, ("queue",), DEAD)),),
            form=Form.BARS,
            bad_from=1,
        ),
    ),
)

ACCEPTANCE = Row(
    "Acceptance and outbox",
    (
        Panel(
            "Accepted by type",
            "Events written to the outbox a second, by type. Good: the mix that you know.",
            "cps",
            (Line("{{type}}", per_second(EVENTS_ACCEPTED, ("type",), 'result="new"')),),
            width=6,
            stacked=True,
        ),
        Panel(
            "Repeats",
            "Events a second that were known already: clients that try again. Good: few; many "
            "mean that answers get lost.",
            "cps",
            (
                Line(
                    "repeats",
                    per_second(EVENTS_ACCEPTED, where='result="repeat"'),
                    after="a client has sent an event twice",
                ),
            ),
            width=6,
        ),
        Panel(
            "Outbox depth",
            "Accepted events that are not published yet. Good: near zero, and falling after a "
            "burst.",
            "short",
            (Line("events", value(OUTBOX_DEPTH, aggregate="max")),),
            width=6,
        ),
        Panel(
            "Outbox age",
            "Age of the oldest event that is not published. Good: under a second; above 30 s it "
            "pages as OutboxAgeing.",
            "s",
            (Line("oldest", value(OUTBOX_AGE, aggregate="max")),),
            width=6,
            bad_from=30,
        ),
    ),
)

RELAY = Row(
    "Relay and broker",
    (
        Panel(
            "Published by outcome",
            "Messages a second handed to the broker. Good: acked alone; what is nacked, returned "
            "or lost is tried again.",
            "cps",
            (Line("{{outcome}}", per_second(RELAY_PUBLISHED, ("outcome",))),),
            width=6,
        ),
        Panel(
            "Unconfirmed",
            "Messages sent that the broker has not confirmed yet. Good: low; a plateau means that "
            "the broker blocks.",
            "short",
            (Line("messages", value(RELAY_UNCONFIRMED)),),
            width=6,
        ),
        Panel(
            "Time to the broker's confirm",
            "From publishing to the confirm. Good: milliseconds; a disk that is full or slow shows "
            "here first.",
            "s",
            quantiles(RELAY_CONFIRM_DURATION),
            width=6,
        ),
        Panel(
            "Connected to the broker",
            "Whether relay and worker hold a connection. Good: yes.",
            "short",
            (Line("{{instance}}", value(BROKER_CONNECTED, ("instance",), aggregate="min")),),
            width=6,
            form=Form.STATES,
            states=YES_NO,
        ),
    ),
)

CONSUMERS = Row(
    "Queues and consumers",
    (
        Panel(
            "Messages by queue",
            "Messages ready or handed out, by queue. Good: near zero; one that grows has too few "
            "consumers, or none.",
            "short",
            (Line("{{queue}}", value(QUEUE_MESSAGES, ("queue",))),),
            width=6,
        ),
        Panel(
            "Consumers by queue",
            "Consumers of each queue. Good: at least one where events are handled; a .dead queue "
            "has none.",
            "short",
            (Line("consumers", value(QUEUE_CONSUMERS, ("queue",))),),
            width=6,
            form=Form.TABLE,
        ),
        Panel(
            "Deliveries by outcome",
            "Deliveries a second that a consumer handled. Good: applied alone, a few duplicates "
            "after a restart; dead needs a person.",
            "cps",
            (
                Line(
                    "{{consumer}} {{outcome}}", per_second(CONSUMER_EVENTS, ("consumer", "outcome"))
                ),
            ),
            width=6,
        ),
        Panel(
            "Time to handle a delivery",
            "From the delivery to its acknowledgement. Good: milliseconds; it follows PostgreSQL.",
            "s",
            quantiles(CONSUMER_DURATION),
            width=6,
            requests=True,
        ),
    ),
)

EVENTS_DASHBOARD = Dashboard(
    uid="pharos-events",
    title="Pharos / Events",
    description="An event's way from acceptance to the read model. Generated: edit "
    "dashboards/events.py.",
    rows=(WAY, ACCEPTANCE, RELAY, CONSUMERS),
)
