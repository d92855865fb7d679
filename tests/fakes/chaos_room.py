"""A stand-in for `python -m chaos`: drills whose course is their name.

`passes` and `fails` end at once, `waits` goes on until its folder holds a file
`go` or the halt switch is thrown, `dies` leaves a journal without an end, and
`never-begins` ends before its first line. `takes-one` and `takes-all` pass, and say
that they take one or every api replica away. One game day was held, and `report` makes
a page of every run but of those that end in `none`.
"""

import argparse
import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

EXPERIMENTS = ("passes", "fails", "waits", "dies", "never-begins", "takes-one", "takes-all")
HIT = {"target": "api", "takes_away": True}
HITS = {"takes-one": [HIT], "takes-all": [HIT | {"each": True, "allow_last": True}]}
VERDICTS = {"passes": "passed", "fails": "failed", **dict.fromkeys(HITS, "passed")}
GAME_DAY = {
    "name": "20261122T090000-d1d2",
    "state": "ended",
    "outcome": "passed",
    "words": "passed: 1 of 1 drills passed",
    "reason": "a rehearsal",
    "whole": False,
    "rate": 50.0,
    "started_at": "2026-11-22T09:00:00Z",
    "ended_at": "2026-11-22T09:03:00Z",
    "items": [],
    "attempts": [{"experiment": "passes", "state": "ended", "verdict": {"verdict": "passed"}}],
    "traffic": None,
    "notes": [],
    "journal": [],
}
LEDGER_ROW = {"alert": "ReplicaDown", "severity": "page", "rule": "5ad", "state": "never proven"}


def _report(run: str) -> None:
    if run.endswith("none"):
        sys.stderr.write(f"pharos: there is no drill {run} here\n")
        sys.exit(2)
    sys.stdout.write(f"<!doctype html><title>{run}</title>")


def _experiment(name: str) -> dict[str, object]:
    texts = {"title": name, "description": name, "blast_radius": "none", "rollback": "none"}
    return {"name": name, "hypothesis": [], "action": [], "hits": HITS.get(name, []), **texts}


LISTS = {
    "list": [_experiment(name) for name in EXPERIMENTS],
    "ledger": [LEDGER_ROW],
    "game-day": [GAME_DAY],
}


class Run:
    def __init__(self, asked: argparse.Namespace) -> None:
        self.home = Path(os.environ["PHAROS_HOME"])
        self.folder = self.home / "drills" / asked.run
        self.asked = asked
        self.started_at = datetime.now(UTC).isoformat()

    def write(self, kind: str, **fields: object) -> None:
        at = datetime.now(UTC).isoformat()
        line = {"at": at, "kind": kind, "message": kind, **fields}
        with (self.folder / "journal.jsonl").open("a") as file:
            file.write(json.dumps(line) + "\n")

    def begin(self) -> None:
        names = ("experiment", "actor", "profile")
        asked = {name: getattr(self.asked, name) for name in names}
        self.write(
            "run.started", run=self.asked.run, reason=self.asked.reason, pid=os.getpid(), **asked
        )

    def end(self, verdict: str) -> None:
        document = {
            "run": self.asked.run,
            "experiment": self.asked.experiment,
            "verdict": verdict,
            "reason": f"it {verdict}",
            "steady_before": True,
            "steady_after": verdict == "passed",
            "impact": {},
            "recovery_seconds": 0.5,
            "undo": None,
            "started_at": self.started_at,
            "ended_at": datetime.now(UTC).isoformat(),
        }
        (self.folder / "verdict.json").write_text(json.dumps(document))
        self.write("run.ended", verdict=verdict)

    def wait(self) -> str:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if (self.home / "halt").exists():
                self.write("aborted", sort="halt")
                return "inconclusive"
            if (self.folder / "go").exists():
                return "passed"
            time.sleep(0.05)
        return "inconclusive"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("verb", choices=["list", "ledger", "game-day", "report", "run"])
    parser.add_argument("experiment", nargs="?")
    for flag in ("--json", "--history"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("--html")
    for option in ("--run", "--actor", "--reason", "--profile"):
        parser.add_argument(option)
    asked = parser.parse_args()
    if asked.verb in LISTS:
        sys.stdout.write(json.dumps(LISTS[asked.verb]))
        return
    if asked.verb == "report":
        _report(asked.experiment)
        return
    if asked.experiment == "never-begins":
        sys.exit("the room is on fire")
    run = Run(asked)
    run.begin()
    if asked.experiment == "dies":
        return
    run.end(VERDICTS.get(asked.experiment) or run.wait())


if __name__ == "__main__":
    main()
