"""A bench writes its own section of BENCHMARKS.md, and leaves the others alone."""

from pathlib import Path

from tests.bench.report import table, write_section


def test_a_section_is_added_and_later_replaced(tmp_path: Path) -> None:
    file = tmp_path / "BENCHMARKS.md"
    write_section("Reads", "first", file)
    write_section("Signals", "kept", file)
    write_section("Reads", "second \\1", file)
    text = file.read_text()
    assert text.count("## Reads") == text.count("## Signals") == 1
    assert "first" not in text
    assert text.index("second \\1") < text.index("kept")
    assert text.startswith("# Benchmarks")


def test_figures_stand_on_the_right() -> None:
    assert table(("what", "n"), [("a", "1")]).splitlines() == [
        "| what | n |",
        "| --- | ---: |",
        "| a | 1 |",
    ]
