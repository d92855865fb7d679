"""The report as Markdown."""

from collections.abc import Sequence

from chaos.report.sections import Section


def markdown(title: str, sections: Sequence[Section]) -> str:
    """Return the whole text."""
    return "\n\n".join([f"# {title}", *(_section(section) for section in sections)]) + "\n"


def _section(section: Section) -> str:
    parts = [f"## {section.title}", *section.lines]
    if section.table:
        parts.append(_table(section.table))
    return "\n\n".join(parts)


def _table(rows: Sequence[Sequence[str]]) -> str:
    head, *body = rows
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(_cell(text) for text in line)} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
