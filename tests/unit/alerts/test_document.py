"""A YAML file with its places, and what is said of one that is none."""

from pathlib import Path

import pytest

from alerts.document import BadDocumentError, Fault, read_document


def _file(folder: Path, content: bytes) -> Path:
    path = folder / "wanted.yaml"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a: [1,\nb: 2\n", "wanted.yaml:3:1: this is no YAML: "),
        (b"a: 1\n---\nb: 2\n", "wanted.yaml:2:1: this is no YAML: "),
        (b"a: !lamp 1\n", "wanted.yaml:1:4: this is no YAML: "),
        (b"a: \x00\n", "wanted.yaml: this is no text of YAML: "),
        (b"a: \xff\n", "wanted.yaml: this is no text of YAML: "),
        (b"a: 1\nb: 2\na: 3\n", "wanted.yaml:3:1: a: stands on line 1 already: remove one"),
    ],
)
def test_what_is_no_document_is_said_with_its_place(
    tmp_path: Path, content: bytes, words: str
) -> None:
    with pytest.raises(BadDocumentError) as caught:
        read_document(_file(tmp_path, content))
    (line,) = caught.value.lines
    assert line.startswith(words)


def test_a_part_is_told_by_line_and_column(tmp_path: Path) -> None:
    document = read_document(_file(tmp_path, "\ufeffa:\r\n  - é: {b: 1}\r\n".encode()))
    assert document.content == {"a": [{"é": {"b": 1}}]}
    faults = [Fault(("a", 0, "é", "b"), "is too small"), Fault(("a", 0, "c"), "is missing")]
    assert document.told(faults) == [
        "wanted.yaml:2:5: a[0].c: is missing",
        "wanted.yaml:2:9: a[0].é.b: is too small",
    ]


def test_what_a_merge_brings_in_stands_there_once(tmp_path: Path) -> None:
    document = read_document(_file(tmp_path, b"a: &a {x: 1, y: 2}\nb: {<<: *a, x: 3}\n"))
    assert document.source["b"] == {"x": 3, "y": 2}


@pytest.mark.parametrize("content", [b"", b"# nothing yet\n"])
def test_an_empty_file_is_an_empty_document(tmp_path: Path, content: bytes) -> None:
    assert read_document(_file(tmp_path, content)).content is None
