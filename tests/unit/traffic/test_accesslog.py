"""One line of an access log: what is read of it, and what makes it malformed."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chaos.traffic.accesslog import LogLine, MalformedLineError, parse_line

COMMON = b'203.0.113.9 - - [17/May/2015:10:05:03 +0000] "GET /a HTTP/1.1" 200 12'


def test_the_common_format_gives_address_time_request_status_and_size() -> None:
    assert parse_line(COMMON) == LogLine(
        address="203.0.113.9",
        time=datetime(2015, 5, 17, 10, 5, 3, tzinfo=UTC),
        method="GET",
        path="/a",
        status=200,
        size=12,
    )


def test_the_combined_format_gives_referrer_and_agent() -> None:
    line = parse_line(COMMON + b' "http://there.example/page" "Mozilla/5.0 (X11)"')
    assert (line.referrer, line.agent) == ("http://there.example/page", "Mozilla/5.0 (X11)")


def test_a_missing_last_quote_loses_nothing() -> None:
    line = parse_line(COMMON + b' "-" "Googlebot/2.1; +http://bot.example/bot.html')
    assert (line.status, line.referrer, line.agent) == (
        200,
        None,
        "Googlebot/2.1; +http://bot.example/bot.html",
    )


@pytest.mark.parametrize("tail", [b' "torn', b" rubbish", b' "a" b', b" \xff\xfe", b' "" ""'])
def test_a_broken_tail_leaves_the_common_part_valid(tail: bytes) -> None:
    assert parse_line(COMMON + tail).path == "/a"


def test_escaped_quotes_belong_to_the_request() -> None:
    line = parse_line(COMMON.replace(b"/a", rb"/say/\"hi\"/now"))
    assert (line.path, line.status) == ('/say/"hi"/now', 200)


def test_invalid_utf8_and_nul_survive_in_a_form_that_json_holds() -> None:
    path = parse_line(COMMON.replace(b"/a", b"/caf\xe9\x00")).path
    assert path == "/caf\\xe9\\x00"


def test_dashes_mean_nothing_was_recorded() -> None:
    line = parse_line(b'::1 - - [17/May/2015:10:05:03 +0000] "-" 408 -')
    assert (line.address, line.method, line.path, line.size) == ("::1", None, None, None)


def test_ipv6_host_names_and_users_with_spaces_are_read() -> None:
    line = parse_line(COMMON.replace(b"203.0.113.9 - -", b"2001:db8::1 - Jane Doe"))
    assert line.address == "2001:db8::1"


def test_times_of_other_zones_become_utc() -> None:
    line = parse_line(COMMON.replace(b"10:05:03 +0000", b"10:05:03 +0530"))
    assert line.time == datetime(2015, 5, 17, 4, 35, 3, tzinfo=UTC)


def test_queries_and_credentials_are_left_out() -> None:
    line = parse_line(
        COMMON.replace(b"/a", b"/a?token=s3cret") + b' "http://me:pw@x.example/?q=1" "b"'
    )
    assert (line.path, line.referrer) == ("/a", "http://x.example/")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "does not begin"),
        (b"no log at all", "does not begin"),
        (COMMON.replace(b"203.0.113.9", b"-"), "no client address"),
        (COMMON.replace(b"17/May/2015:10", b"2015-05-17T10"), "time is not like"),
        (COMMON.replace(b"17/May", b"31/Feb"), "no date of the calendar"),
        (COMMON.replace(b"May", b"Mai"), "no date of the calendar"),
        (COMMON.replace(b"+0000", b"+9900"), "no date of the calendar"),
        (COMMON.replace(b'1.1"', b"1.1"), "not in double quotes"),
        (COMMON.replace(b"200", b"2000"), "status"),
        (COMMON.replace(b"200", b"abc"), "status"),
        (COMMON.replace(b" 12", b" 12k"), "size"),
        (COMMON.replace(b" 12", b""), "size"),
    ],
)
def test_a_malformed_line_names_its_reason(line: bytes, reason: str) -> None:
    with pytest.raises(MalformedLineError, match=reason):
        parse_line(line)


@given(st.binary(max_size=300))
@example(b"a b " + b" [" * 100)
def test_no_bytes_do_anything_but_parse_or_name_a_reason(raw: bytes) -> None:
    with suppress(MalformedLineError):
        assert "\0" not in parse_line(raw).address


@given(
    address=st.one_of(
        st.ip_addresses().map(str), st.from_regex(r"[a-z0-9.-]{2,60}", fullmatch=True)
    ),
    at=st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)),
    zone=st.integers(-14 * 60, 14 * 60),
    status=st.integers(100, 599),
    size=st.none() | st.integers(0, 10**15),
    tail=st.binary(max_size=60).filter(lambda tail: b"\n" not in tail),
)
def test_what_a_server_writes_is_what_is_read(
    *, address: str, at: datetime, zone: int, status: int, size: int | None, tail: bytes
) -> None:
    offset = f"{'-' if zone < 0 else '+'}{abs(zone) // 60:02}{abs(zone) % 60:02}"
    written = (
        f"{address} - - [{at:%d/%b/%Y:%H:%M:%S} {offset}] "
        f'"POST /x HTTP/2.0" {status} {"-" if size is None else size} '
    )
    line = parse_line(written.encode() + tail)
    expected = at.replace(microsecond=0, tzinfo=UTC) - timedelta(minutes=zone)
    assert (line.address, line.time, line.status, line.size) == (address, expected, status, size)


def test_a_hostile_line_costs_no_more_than_its_length() -> None:
    for filler in (b" [", b" ", b'\\"', b"a ["):
        with pytest.raises(MalformedLineError):
            parse_line(b"a - b " + filler * 20_000)
