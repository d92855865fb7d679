"""How many lines this process wrote and left out, by level.

Lines begin before a process has its instruments, so they are counted here and
read when the metrics are (`Instruments` exposes them as `pharos_log_lines_total`).
"""

from collections import Counter

WRITTEN, SUPPRESSED = "written", "suppressed"

LINES: Counter[tuple[str, ...]] = Counter()
