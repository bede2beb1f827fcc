"""What a bucket's server honours: a dozen requests for a few tiny objects below `.newswarc/`.

Their names and bytes are always the same, so that they need not be removed: credentials that ship may be unable to.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from crawler.errors import RefusedByStoreError, StoreError
from crawler.ship.bucket import Bucket
from crawler.ship.client import required
from crawler.ship.digests import crc32_text, part_of
from crawler.ship.features import Features, IfMatch

WHOLE = ".newswarc/whole"
WRONG = ".newswarc/wrong"
PARTS = ".newswarc/parts"
#: Long enough that a server which keeps the framing of a trailer, or flips a byte here and there, shows it.
BYTES = b"newswarc asks what this store honours; this file may be removed\n" * 256
OTHER_ETAG = "0" * 32


def examine(bucket: Bucket) -> Features:
    """Ask; raises `StoreError` where files can be neither written nor read."""
    asked = _Asked(bucket)
    asked.put(WHOLE)
    etag, crc32, found = asked.get(WHOLE)
    exclusive = asked.is_refused(lambda: asked.put(WHOLE, IfNoneMatch="*"))
    if_match = asked.if_match(etag)
    refuses = asked.is_refused(lambda: asked.put(WRONG, wrong=True))
    whole_crc32 = crc32 is not None and asked.keeps_whole_crc32()
    if not whole_crc32:
        asked.put_parts()
    return Features(
        exclusive=exclusive,
        exclusive_parts=exclusive and asked.is_refused(lambda: asked.put_parts(IfNoneMatch="*")),
        if_match=if_match,
        tells_crc32=crc32 == asked.crc32,
        refuses_damage=refuses,
        whole_crc32=whole_crc32,
        etag_is_md5=etag == hashlib.md5(BYTES, usedforsecurity=False).hexdigest(),
        ranges=asked.answers_ranges(),
        keeps=found == BYTES,
    )


class _Asked:
    """The questions, one a method."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._client = bucket.client
        self._checksums = bucket.options.checksums
        self.crc32 = crc32_text(part_of(BYTES, md5=False).crc32)

    def put(self, path: str, *, wrong: bool = False, **condition: str) -> None:
        with self._bucket.told(path):
            self._client.put_object(
                Body=BYTES,
                **self._bucket.of(path),
                **self._bucket.of_writing(),
                **(self._checksum(wrong=wrong) if self._checksums or wrong else {}),
                **condition,
            )

    def get(self, path: str) -> tuple[str, str | None, bytes]:
        """ETag, checksum and bytes."""
        mode = {"ChecksumMode": "ENABLED"} if self._checksums else {}
        with self._bucket.told(path):
            answer = self._client.get_object(**self._bucket.of(path), **mode)
            return str(answer.get("ETag", "")).strip('"'), answer.get("ChecksumCRC32"), answer["Body"].read()

    def is_refused(self, ask: Callable[[], None]) -> bool:
        """Whether the store says no because it has understood what was asked, and not because it has not."""
        try:
            ask()
        except RefusedByStoreError as error:
            return 400 <= error.status < 500 and error.code not in ("NotImplemented", "InvalidArgument")
        return False

    def if_match(self, etag: str) -> IfMatch | None:
        """How to write the ETag so that the right one is accepted, if a wrong one is refused."""
        styles: Mapping[IfMatch, str] = {"quoted": '"{}"', "bare": "{}"}
        for style, form in styles.items():
            wrong, right = form.format(OTHER_ETAG), form.format(etag)
            if self.is_refused(lambda text=wrong: self.put(WHOLE, IfMatch=text)) and not self.is_refused(  # type: ignore[misc]
                lambda text=right: self.put(WHOLE, IfMatch=text)  # type: ignore[misc]
            ):
                return style
        return None

    def keeps_whole_crc32(self) -> bool:
        """Whether an object made of parts has the checksum of all its bytes."""
        if not self._checksums:
            return False
        try:
            self.put_parts(whole=True)
            with self._bucket.told(PARTS):
                answer = self._client.head_object(**self._bucket.of(PARTS), ChecksumMode="ENABLED")
        except RefusedByStoreError:
            return False
        return bool(answer.get("ChecksumCRC32") == self.crc32)

    def put_parts(self, *, whole: bool = False, **condition: str) -> None:
        """An object of one part; what fails leaves no upload behind."""
        of = self._bucket.of(PARTS)
        kind = {"ChecksumAlgorithm": "CRC32", "ChecksumType": "FULL_OBJECT"} if whole else {}
        asked = {"ChecksumCRC32": self.crc32, "ChecksumType": "FULL_OBJECT"} if whole else {}
        with self._bucket.told(PARTS):
            created = self._client.create_multipart_upload(**of, **self._bucket.of_writing(), **kind)
            upload = required(created, "UploadId")
            try:
                checksum = self._checksum() if whole else {}
                part = self._client.upload_part(Body=BYTES, PartNumber=1, UploadId=upload, **of, **checksum)
                made = {"PartNumber": 1, "ETag": required(part, "ETag")} | (
                    {"ChecksumCRC32": self.crc32} if whole else {}
                )
                parts: dict[str, Any] = {"Parts": [made]}
                self._client.complete_multipart_upload(
                    UploadId=upload, MultipartUpload=parts, **of, **asked, **condition
                )
            except BaseException:
                self._abort(upload)
                raise

    def answers_ranges(self) -> bool:
        try:
            with self._bucket.told(WHOLE):
                answer = self._client.get_object(**self._bucket.of(WHOLE), Range="bytes=100-199")
                return bool(answer.get("ContentRange")) and bool(answer["Body"].read() == BYTES[100:200])
        except StoreError:
            return False

    def _abort(self, upload: str) -> None:
        try:
            with self._bucket.told(PARTS):
                self._client.abort_multipart_upload(UploadId=upload, **self._bucket.of(PARTS))
        except RefusedByStoreError:
            return  # completed after all, or not allowed: the first error is told

    def _checksum(self, *, wrong: bool = False) -> dict[str, str]:
        part = part_of(BYTES, md5=True)
        if self._checksums:
            return {"ChecksumCRC32": crc32_text(part.crc32 ^ wrong)}
        assert part.md5 is not None
        return {"ContentMD5": base64.b64encode(bytes([part.md5[0] ^ wrong]) + part.md5[1:]).decode()}
