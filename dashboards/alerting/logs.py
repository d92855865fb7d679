"""Log lines and error reports: how many, and whether they arrive."""

from backend.observability.catalogue import (
    ERROR_REPORTS,
    ERROR_TRACKER_UP,
    EXCEPTIONS,
    LOG_LINES,
    LOG_SHIPPING_LAG,
)
from dashboards.expressions import per_second, value
from dashboards.lines import YES_NO
from dashboards.model import Form, Line, Panel, Row

LOGS = Row(
    "Logs and error reports",
    (
        Panel(
            "Log lines by level",
            "Lines a second that were written, by level. Good: few warnings, no errors.",
            "cps",
            (Line("{{level}}", per_second(LOG_LINES, ("level",), 'fate="written"')),),
            width=6,
        ),
        Panel(
            "Suppressed lines",
            "Lines a second that a storm's sampling left out, by process. Good: none; the lines "
            "that stand carry the count.",
            "cps",
            (
                Line(
                    "{{instance}}",
                    per_second(LOG_LINES, ("instance",), 'fate="suppressed"'),
                    after="a storm of log lines has been sampled",
                ),
            ),
            width=6,
        ),
        Panel(
            "Log shipping lag",
            "Age of the newest heartbeat line that the log store holds. Good: under a minute; the "
            "lines wait on disk meanwhile.",
            "s",
            (
                Line(
                    "lag",
                    value(LOG_SHIPPING_LAG, aggregate="max"),
                    after="logs are shipped (--with elk)",
                ),
            ),
            width=6,
        ),
        Panel(
            "Error tracker",
            "Whether the error tracker answers. Good: yes; reports are dropped while it does not.",
            "short",
            (
                Line(
                    "answers",
                    value(ERROR_TRACKER_UP, aggregate="min"),
                    after="an error tracker is configured (--with errors)",
                ),
            ),
            width=6,
            form=Form.STATES,
            states=YES_NO,
        ),
        Panel(
            "Exceptions",
            "Unhandled exceptions a second, by process and kind. Good: none; each is a defect of "
            "ours.",
            "cps",
            (
                Line(
                    "{{instance}} {{kind}}",
                    per_second(EXCEPTIONS, ("instance", "kind")),
                    after="an exception was not handled",
                ),
            ),
            width=12,
        ),
        Panel(
            "Error reports",
            "Reports for the error tracker a second, by outcome. Good: none, and none dropped.",
            "cps",
            (
                Line(
                    "{{outcome}}",
                    per_second(ERROR_REPORTS, ("outcome",)),
                    after="an exception was reported",
                ),
            ),
            width=12,
        ),
    ),
)
