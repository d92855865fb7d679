"""rsyslog's configuration: follows the stack's log files and sends their lines to the log store.

Nothing is lost and nothing arrives twice. Lines wait on disk while the store is
away. Every line has an id made of its host, its component, its place in the
file and its content, and is only ever created: whatever is sent again (after a
timeout, after a crash, from a rotated copy) is recognised by the store. Rotated
files are followed, too, so that what was not read before a rotation is read
after it. A line that the store refuses goes to a file of its own.

Lines of ours are sent as they are, with the host and the file in front. What
other programs write becomes the message, under their name; times and levels are
taken over where they are plain to see, else it is the time of reading.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from deploy.elk.recovery import LONGEST_LINE, QUEUE_NAME
from deploy.elk.store import Store
from deploy.elk.templates import INDEX

QUEUE_SPACE = "1g"
# The store has this long to answer a batch, in milliseconds.
ANSWER_MS = 5000
A_WEEK_MS = 7 * 24 * 3600 * 1000
# Their complaints about the store would be sent to it without end.
NOT_SHIPPED = ("shipper", "logstore")

FILE_NAME = r"([^/]+)\.(log|out)(\.[0-9]+)?$"
UTC_TIME = r"^([0-9]{4}-[0-9]{2}-[0-9]{2}) ([0-9:]{8}[.0-9]*) ?(UTC|\+00:00)"
COMPLAINT = r"(ERROR|FATAL|PANIC|CRITICAL|\[error\]|\[critical\])"
WARNING = r"(WARN|\[warning\])"

# All on disk, and noted line by line: a shipper that is killed has nothing in memory.
# What it was writing at that moment is made whole by `deploy.elk.recovery`.
QUEUE = {
    "queue.type": "Disk",
    "queue.filename": QUEUE_NAME,
    "queue.maxDiskSpace": QUEUE_SPACE,
    "queue.checkpointInterval": "1",
    "queue.saveOnShutdown": "on",
    # A line that is sent alone costs the store four times as much as one among others.
    "queue.minDequeueBatchSize": "64",
    "queue.minDequeueBatchSize.timeout": "500",
    # A full queue waits, and the lines stay in their files meanwhile.
    "queue.timeoutEnqueue": str(A_WEEK_MS),
}


@dataclass(frozen=True, slots=True)
class Places:
    """Where the shipper reads and keeps things on its host."""

    host: str
    stack: str
    logs: Path
    state: Path
    refused: Path
    unanswered: Path


def configuration(places: Places, store: Store) -> str:
    """Return rsyslog.conf; it holds the store's password, so it is for its owner alone."""
    parts = (
        _head(places),
        _templates(places),
        _inputs(places),
        _lines(),
        _ship(places, store),
        _refused(places),
    )
    return "\n".join(parts)


def text(value: str) -> str:
    """Return a string as rsyslog's configuration writes it.

    Raises:
        ValueError: it has a line break, which no path, name or password needs.
    """
    if "\n" in value or "\r" in value:
        raise ValueError("a value of the shipper's configuration has a line break")
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def pattern(value: str) -> str:
    """Return a string within an expression, where a `$` would begin a variable."""
    return text(value).replace("$", "\\$")


def _head(places: Places) -> str:
    return f"""\
global(workDirectory={text(str(places.state))} maxMessageSize="{LONGEST_LINE}" net.enableDNS="off")
module(load="imfile" mode="inotify")
module(load="omelasticsearch")
module(load="mmjsonparse")
module(load="fmhash")
"""


def _templates(places: Places) -> str:
    host = json.dumps(places.host)
    head = f'{{"host.name":{host},"log.file.path":"'
    identity = text(f"{places.host}-{places.stack}-%$.name%-%$!metadata!fileoffset%-%$.hash%")
    return f"""\
template(name="identity" type="string" string={identity})
template(name="id" type="string" string="%$.id%")
template(name="again" type="string" string="%$!%")
template(name="now" type="string" string="%timegenerated:::date-utc,date-rfc3339%")
template(name="document" type="string" string="%$.document%")
template(name="ours" type="list") {{
  constant(value={text(head)})
  property(name="$!metadata!filename" format="json")
  constant(value={text('",')})
  property(name="msg" position.from="2")
}}
template(name="theirs" type="list") {{
  constant(value={text(head)})
  property(name="$!metadata!filename" format="json")
  constant(value={text('","@timestamp":"')})
  property(name="$.at" format="json")
  constant(value={text('","log.level":"')})
  property(name="$.level" format="json")
  constant(value={text('","service.name":"')})
  property(name="$.name" format="json")
  constant(value={text('","message":"')})
  property(name="msg" format="json")
  constant(value={text('"}')})
}}
template(name="refusal" type="string" string="{{\\"answer\\":%$.omes%,\\"line\\":%$!%}}\\n")
"""


def _inputs(places: Places) -> str:
    options = (
        'tag="line" ruleset="lines" addMetadata="on" reopenOnTruncate="on" '
        'persistStateInterval="1000" persistStateAfterSubmission="on" '
        # A place that is noted every thousand lines must not run ahead of the queue.
        'maxSubmitAtOnce="1" '
        # A file that gets a new name counts as deleted, and would be read again as a whole.
        'deleteStateOnFileDelete="off"'
    )
    return "".join(
        f'input(type="imfile" file={text(f"{places.logs}/*.{kind}*")} {options})\n'
        for kind in ("log", "out")
    )


def _lines() -> str:
    skipped = " or ".join(f'$.name == "{name}"' for name in NOT_SHIPPED)
    return f"""\
ruleset(name="lines" queue.type="Direct") {{
  set $.name = re_extract($!metadata!filename, {pattern(FILE_NAME)}, 0, 1, "unknown");
  if {skipped} or $msg == "" then stop
  set $.hash = hash64($msg);
  action(type="mmjsonparse" cookie="" container="$!line")
  if $parsesuccess == "OK" and $msg contains {text('"@timestamp"')} then
    set $.document = exec_template("ours");
  else
    call theirs
  set $.id = exec_template("identity");
  call ship
}}
ruleset(name="theirs" queue.type="Direct") {{
  set $.at = exec_template("now");
  set $.level = "info";
  if re_match($msg, {pattern(UTC_TIME)}) then
    set $.at = re_extract($msg, {pattern(UTC_TIME)}, 0, 1, "") & "T"
      & re_extract($msg, {pattern(UTC_TIME)}, 0, 2, "") & "Z";
  if re_match($msg, {pattern(COMPLAINT)}) then set $.level = "error";
  else if re_match($msg, {pattern(WARNING)}) then set $.level = "warning";
  if $!line!ts != "" then set $.at = $!line!ts;
  if $!line!level == "error" then set $.level = "error";
  else if $!line!level == "warn" then set $.level = "warning";
  set $.document = exec_template("theirs");
}}
"""


def _ship(places: Places, store: Store) -> str:
    options = {
        "server": store.url,
        "usehttps": "on" if store.url.startswith("https:") else "off",
        "uid": store.user,
        "pwd": store.password() or None,
        "tls.cacert": str(store.ca) if store.ca else None,
        "searchIndex": INDEX,
        # Elasticsearch 8 has no types; the module would name one.
        "searchType": "",
        "bulkmode": "on",
        "maxbytes": "1m",
        "template": "document",
        "bulkid": "id",
        "dynbulkid": "on",
        "writeoperation": "create",
        "indextimeout": str(ANSWER_MS),
        "retryfailures": "on",
        "retryruleset": "answered",
        # A request that was refused as a whole: the node agent sends it again.
        "errorfile": str(places.unanswered),
        "action.resumeRetryCount": "-1",
        "action.resumeInterval": "1",
        "action.resumeIntervalMax": "10",
    }
    given = "\n".join(
        f"    {name}={text(value)}"
        for name, value in (options | QUEUE).items()
        if value is not None
    )
    return f"""\
ruleset(name="ship" queue.type="Direct") {{
  action(type="omelasticsearch" name="store"
{given})
}}
"""


def _refused(places: Places) -> str:
    """The store's answers come here line by line once one of a batch was refused.

    Those that only came too fast (429), or met a store in trouble, are sent again.
    """
    return f"""\
ruleset(name="answered" queue.type="Direct") {{
  if $.omes!status < 300 or $.omes!status == 409 then stop
  if $.omes!status == 429 or $.omes!status >= 500 then {{
    set $.id = $.omes!_id;
    set $.document = exec_template("again");
    call ship
    stop
  }}
  action(type="omfile" file={text(str(places.refused))} fileCreateMode="0600" template="refusal")
}}
"""
