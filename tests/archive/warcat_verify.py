"""warcat's conformance checks, to be run where warcat is installed: tells a line for each problem of these files.

Its check of payload digests is kept to what it can do: it takes chunks for payload, and knows none but of responses.
"""

import sys
from collections.abc import Callable
from typing import Any

from warcat.model import BlockWithPayload
from warcat.tool import VerifyProblem, VerifyTool

CHECKS = sorted(name for name in dir(VerifyTool) if name.startswith("verify_"))
CHECKS.append(CHECKS.pop(CHECKS.index("verify_id_uniqueness")))  # it notes the id as seen


class Verify(VerifyTool):
    """All of its checks, each told."""

    def action(self, record: Any) -> None:
        for name in CHECKS:
            self.attempt(getattr(self, name), record)

    def attempt(self, check: Callable[[Any], None], record: Any) -> None:
        try:
            check(record)
        except VerifyProblem as problem:
            sys.stdout.write(f"{record.warc_type} {record.record_id} {problem}\n")

    def verify_payload_digest(self, record: Any) -> None:
        whole = record.warc_type == "response" and isinstance(record.content_block, BlockWithPayload)
        if whole and "Transfer-Encoding" not in record.content_block.fields:
            super().verify_payload_digest(record)

    def verify_warcinfo_id(self, record: Any) -> None:
        if record.warc_type != "warcinfo":  # which names itself by its own id
            super().verify_warcinfo_id(record)


Verify(sys.argv[1:], keep_going=True).process()
