"""What people and the console did, and how it went."""

from backend.observability.catalogue import (
    AGENT_ACTIONS,
    ANNOTATIONS_DRAWN,
    CONTROL_ACTION_DURATION,
    CONTROL_ACTIONS,
    PAGE_DURATION,
    PAGE_RUNS,
)
from dashboards.expressions import increase, per_second, quantile
from dashboards.model import Form, Line, Panel, Row

ACTIONS = Row(
    "Actions and the console",
    (
        Panel(
            "Control actions",
            "Actions asked of the control service in the time range that is shown. Good: done; "
            "refused is a guard that held, failed needs a look at the audit log.",
            "short",
            (
                Line(
                    "actions",
                    increase(CONTROL_ACTIONS, ("action", "outcome")),
                    after="somebody acted through the control service",
                ),
            ),
            form=Form.TABLE,
        ),
        Panel(
            "Time of control actions",
            "p99 from an action's acceptance to its end. Good: seconds for a scaling.",
            "s",
            (
                Line(
                    "{{action}}",
                    quantile(CONTROL_ACTION_DURATION, 0.99, ("action",)),
                    after="an action has ended",
                ),
            ),
        ),
        Panel(
            "Process actions",
            "What the node agent did to processes in the time range that is shown. Good: nothing "
            "that nobody asked for.",
            "short",
            (
                Line(
                    "actions",
                    increase(AGENT_ACTIONS, ("action", "outcome")),
                    after="the agent acted on a process",
                ),
            ),
            form=Form.TABLE,
        ),
        Panel(
            "Page runs",
            "Runs of the console's pages a second, by page and outcome. Good: done alone.",
            "cps",
            (
                Line(
                    "{{page}} {{outcome}}",
                    per_second(PAGE_RUNS, ("page", "outcome")),
                    after="somebody opened the console",
                ),
            ),
        ),
        Panel(
            "Time of page runs",
            "p99 of one run of a page. Good: under a second.",
            "s",
            (
                Line(
                    "{{page}}",
                    quantile(PAGE_DURATION, 0.99, ("page",)),
                    after="somebody opened the console",
                ),
            ),
        ),
        Panel(
            "Annotations",
            "Marks drawn on these dashboards in the time range that is shown. Good: drawn; failed "
            "means that Grafana refuses the control service.",
            "short",
            (
                Line(
                    "{{outcome}}",
                    increase(ANNOTATIONS_DRAWN, ("outcome",)),
                    after="a scaling, a deploy or a drill was marked",
                ),
            ),
            form=Form.BARS,
        ),
    ),
)
