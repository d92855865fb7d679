"""`pharos bench reads|signals`: figures of a running stack, against a peer of the same run."""

import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path

import httpx
import typer
from rich.console import Console
from rich.table import Table

from deploy.home import Home
from tests.bench import log_search
from tests.bench import reads as reading
from tests.bench import signals as signalling
from tests.bench.report import table, write_section
from tests.bench.scrape import Scrape, scrape
from tests.bench.signals import Cost

NOT_READY = 3

bench = typer.Typer(no_args_is_help=True, help="Measure a running stack.")
console = Console()


@bench.callback()
def benches() -> None:
    """Measure a running stack."""


@bench.command()
def reads() -> None:
    """Measure reads against a peer in the same run."""
    shown = Table("what", "requests/s", "of the peer's")
    for row in asyncio.run(reading.measure(Home.from_environment())):
        shown.add_row(row.name, f"{row.rate:,.0f}", f"{row.ratio:.2f}")
    console.print(shown)


@bench.command()
def signals() -> None:
    """Measure what signals cost, a scrape's size and a search of logs; writes BENCHMARKS.md."""
    home = Home.from_environment()
    try:
        costs, page = signalling.measure(home), scrape(home)
        with tempfile.TemporaryDirectory() as folder:
            search = log_search.measure(replace(home, root=Path(folder)))
    except (httpx.HTTPError, FileNotFoundError, RuntimeError) as error:
        typer.echo(f"pharos bench: {error}: does the stack run (`pharos up`)?", err=True)
        raise typer.Exit(NOT_READY) from None
    text = "\n\n".join((_costs(costs), _scrape(page), _search(search)))
    write_section("Signals", text)
    console.print(text, markup=False)


def _costs(costs: dict[str, list[Cost]]) -> str:
    head = ("signals", "requests/s", "of none", "CPU µs a request", "of none")
    parts = [
        f"{signalling.ROUNDS} rounds of {signalling.SECONDS:g} s each, the variants in turn; "
        "medians, and medians of each round's own ratio to `none`."
    ]
    for name, rows in costs.items():
        cells = [
            (
                row.variant,
                f"{row.per_second:,.0f}",
                f"{row.throughput_ratio:.3f}",
                f"{row.cpu_microseconds:.0f}",
                f"{row.cpu_ratio:.3f}",
            )
            for row in rows
        ]
        parts.append(f"### {name.capitalize()}\n{table(head, cells)}")
    return "\n\n".join(parts)


def _scrape(page: Scrape) -> str:
    rows = [
        (name, f"{each.size / 1000:,.0f}", f"{each.zipped / 1000:,.0f}", f"{each.samples:,}")
        for name, each in (("one api replica", page), ("50 replicas", page.fifty))
    ]
    head = ("scrape", "kB", "kB gzipped", "samples")
    return (
        f"### A scrape, every {page.interval}\n{table(head, rows)}\n\n"
        "Fifty replicas are fifty times the one that was read."
    )


def _search(figures: log_search.Figures) -> str:
    rows = [
        ("local store (DuckDB)", f"{figures.search_seconds:.2f}"),
        ("grep, the same files", f"{figures.grep_seconds:.2f}"),
    ]
    title = f"One request's line among {figures.lines:,} ({figures.size / 1e6:,.0f} MB)"
    return f"### {title}\n{table(('by request id', 'seconds'), rows)}"
