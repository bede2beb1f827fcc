"""A bucket as a store."""

import hashlib
import random
import time
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from crawler.errors import ArchiveError, ChangedError, ConflictError, RefusedByStoreError, StoreError
from crawler.ship.bucket import Bucket
from crawler.ship.client import required
from crawler.ship.digests import MIB, PART_BYTES, crc32_text, digests_of, part_bytes_of, part_of, read_parts
from crawler.ship.features import Features
from crawler.ship.folder import check_source
from crawler.ship.multipart import Upload, etag_of
from crawler.ship.probe import examine
from crawler.ship.stored import How, Sent, Stored

READ_BACK_BYTES = MIB  # up to here, reading a file costs no more than asking about it
SAMPLE_BYTES = 2**16
REPLACEMENTS = 20  # of several writers at least one gets through each time
TAKEN = 412
RACING = 409
MISSING = 404
DENIED = 403


class S3Store:
    """See `crawler.ship.store.Store` for the methods."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._known: Features | None = None
        self.url = bucket.url
        self.server = bucket.server

    @cached_property
    def features(self) -> Features:
        """What the store honours, as remembered or as it shows; raises `StoreError` if it cannot be used."""
        features = self._known or examine(self._bucket)
        if not features.keeps:
            raise StoreError(f"{self.url}: does not keep what it is sent: see newswarc store doctor")
        return features

    def recall(self, features: Features) -> None:
        """Believe it."""
        self._known = features

    def head(self, path: str) -> Stored | None:
        """What HeadObject tells."""
        mode = {"ChecksumMode": "ENABLED"} if self._bucket.options.checksums else {}
        try:
            with self._bucket.told(path):
                return _stored(path, self._bucket.client.head_object(**self._bucket.of(path), **mode))
        except RefusedByStoreError as error:
            if error.status == MISSING:
                return None
            raise

    def put_file(self, path: str, source: Path, sha256: str, instead_of: str | None = None) -> Sent | None:
        """PutObject or parts; exclusive where the store knows how, else after a look."""
        features = self.features
        if instead_of is not None:
            if (stored := self.head(path)) is None or stored.etag != instead_of:
                return None
            condition = self._if_match(instead_of)
        else:
            certain = features.exclusive_parts if self.in_parts(source.stat().st_size) else features.exclusive
            if not certain and self.head(path) is not None:
                return None
            condition = {"IfNoneMatch": "*"} if features.exclusive else {}
        upload = Upload(self._bucket, features, path, condition)
        try:
            sent = upload.send(source, sha256)
        except RefusedByStoreError as error:
            if error.status == TAKEN or error.code == "NoSuchUpload":  # perhaps by us, if only the answer was lost
                return None
            raise
        except OSError as error:
            raise ArchiveError(f"{source}: cannot be read: {error.strerror or error}") from error
        if upload.may_have_left_another:
            self.abort_uploads(path)
        return sent

    def check(self, path: str, source: Path, sha256: str, sent: Sent | None = None) -> How:
        """By the store's checksum, by its ETag, or by all bytes; whichever is evidence with this store."""
        size = source.stat().st_size
        if size > READ_BACK_BYTES and not self._bucket.options.read_back:
            stored = self.head(path)
            if stored is None:
                raise StoreError(f"{self.url}/{path}: is not there, though it was sent")
            how = self._compare(stored, source, sha256, sent) if stored.size == size else None
            if how is not None and self._sample(stored, source):
                return how
        self.confirm(path, size, sha256)
        return "read back"

    def in_parts(self, size: int) -> bool:
        """As `put_file` decides."""
        return size > self._bucket.options.part_bytes

    def replace(self, path: str, update: Callable[[bytes | None], bytes]) -> None:
        """Conditional where the store knows how, and read back in any case."""
        for attempt in range(REPLACEMENTS):
            before, etag = self._current(path)
            after = update(before)
            if after == before:
                return
            if self._put(path, after, self._condition(etag)) and self.read(path) == after:
                return
            time.sleep(random.uniform(0, 0.05 * attempt))  # noqa: S311 - so that two writers fall out of step
        raise StoreError(f"{self.url}/{path}: others change it each time that we do; the next run tries again")

    def read(self, path: str) -> bytes:
        """One GetObject."""
        return self._get(path)[0]

    def read_range(self, path: str, start: int, length: int, of: Stored | None = None) -> bytes:
        """One GetObject with a range, and on the condition of an ETag."""
        if length == 0:
            return b""
        wanted = f"bytes={start}-{start + length - 1}"
        condition: dict[str, Any] = {"IfMatch": f'"{of.etag}"'} if of is not None and of.etag is not None else {}
        try:
            found, answer = self._get(path, Range=wanted, **condition)
        except RefusedByStoreError as error:
            if condition and error.status == TAKEN:
                raise ChangedError(f"{self.url}/{path}: was replaced while it was read") from error
            raise
        if not str(answer.get("ContentRange", "")).startswith(f"bytes {start}-") or len(found) != length:
            raise StoreError(f"{self.url}/{path}: no answer to {wanted}: {len(found)} bytes came")
        return found

    def pieces(self, path: str) -> Iterator[bytes]:
        """Small files in one request, larger ones range by range."""
        stored = self.head(path)
        if stored is None:
            raise StoreError(f"{self.url}/{path}: no such file")
        if stored.size <= PART_BYTES:
            yield self._get(path)[0]
            return
        for start in range(0, stored.size, PART_BYTES):
            yield self.read_range(path, start, min(PART_BYTES, stored.size - start))

    def list(self, prefix: str) -> Iterator[Stored]:
        """ListObjectsV2."""
        pages = self._bucket.client.get_paginator("list_objects_v2")
        with self._bucket.told(prefix):
            for page in pages.paginate(
                Bucket=self._bucket.name, Prefix=self._bucket.key(prefix), **self._bucket.of_all()
            ):
                for found in page.get("Contents", ()):
                    yield Stored(self._bucket.path(found["Key"]), int(found["Size"]), etag_of(found))

    def abort_uploads(self, path: str) -> int:
        """All uploads of this very key that were not completed."""
        key, aborted = self._bucket.key(path), 0
        pages = self._bucket.client.get_paginator("list_multipart_uploads")
        with self._bucket.told(path):
            for page in pages.paginate(Bucket=self._bucket.name, Prefix=key, **self._bucket.of_all()):
                for found in page.get("Uploads", ()):
                    if found["Key"] == key:
                        self._bucket.client.abort_multipart_upload(UploadId=found["UploadId"], **self._bucket.of(path))
                        aborted += 1
        return aborted

    def _compare(self, stored: Stored, source: Path, sha256: str, sent: Sent | None) -> How | None:
        """How the store's own word shows that it has our bytes; `None` if it does not."""
        features = self.features
        if not features.trusted_crc32 and not features.etag_is_md5:
            return None
        md5 = features.needs_md5
        ours = (
            sent.digests
            if sent
            else digests_of(read_parts(source, part_bytes_of(stored.size, self._bucket.options.part_bytes)), md5=md5)
        )
        check_source(source, ours.sha256, sha256)
        if features.trusted_crc32 and stored.crc32 in (ours.whole_crc32, ours.composite_crc32):
            return "checksum"
        return "etag" if stored.etag in ours.etags() else None

    def _sample(self, stored: Stored, source: Path) -> bool:
        """Whether some bytes, from a place that nobody can foresee, are ours."""
        if not self.features.ranges:
            return True
        start = random.randrange(stored.size - SAMPLE_BYTES)  # noqa: S311 - no secret
        found = self.read_range(stored.path, start, SAMPLE_BYTES)
        with source.open("rb") as file:
            file.seek(start)
            return found == file.read(SAMPLE_BYTES)

    def confirm(self, path: str, size: int, sha256: str) -> None:
        """Hash all of it; once more if it differs, because bytes are damaged on the way as well."""
        if self._sha256(path, size) != sha256 and self._sha256(path, size) != sha256:
            raise ConflictError(f"{self.url}/{path}: holds other bytes than the archive; nothing was overwritten")

    def _sha256(self, path: str, size: int) -> str:
        digest = hashlib.sha256()
        for piece in [self._get(path, size)[0]] if size <= READ_BACK_BYTES else self.pieces(path):
            digest.update(piece)
        return digest.hexdigest()

    def _get(self, path: str, size: int | None = None, **how: Any) -> tuple[bytes, dict[str, Any]]:
        """A body, unless it is not of the `size` expected, and its answer; one that is cut is asked for again."""
        for attempt in range(1, self._bucket.options.attempts + 1):
            try:
                with self._bucket.told(path):
                    answer = self._bucket.client.get_object(**self._bucket.of(path), **how)
                    with answer["Body"] as body:
                        return body.read() if size in (None, answer.get("ContentLength")) else b"", answer
            except RefusedByStoreError:
                raise
            except StoreError:
                if attempt == self._bucket.options.attempts:
                    raise
        raise AssertionError("attempts are at least one")

    def _current(self, path: str) -> tuple[bytes | None, str | None]:
        try:
            found, answer = self._get(path)
        except RefusedByStoreError as error:
            # Who may not list is told "denied" of a file that is not there. If it is, its creation is refused.
            if error.status == MISSING or (error.status == DENIED and self.features.exclusive):
                return None, None
            raise
        return found, etag_of(answer)

    def _put(self, path: str, data: bytes, condition: dict[str, str]) -> bool:
        part = part_of(data, md5=False)
        checksum = {"ChecksumCRC32": crc32_text(part.crc32)} if self._bucket.options.checksums else {}
        try:
            with self._bucket.told(path):
                self._bucket.client.put_object(
                    Body=data, **self._bucket.of(path), **self._bucket.of_writing(), **checksum, **condition
                )
        except RefusedByStoreError as error:
            if error.status in (TAKEN, RACING) or (error.status == MISSING and "IfMatch" in condition):
                return False
            raise
        return True

    def _condition(self, etag: str | None) -> dict[str, str]:
        if etag is None:
            return {"IfNoneMatch": "*"} if self.features.exclusive else {}
        return self._if_match(etag)

    def _if_match(self, etag: str) -> dict[str, str]:
        style = self.features.if_match
        return {} if style is None else {"IfMatch": f'"{etag}"' if style == "quoted" else etag}


def _stored(path: str, answer: dict[str, Any]) -> Stored:
    sha256 = answer.get("Metadata", {}).get("sha256")
    return Stored(path, int(required(answer, "ContentLength")), etag_of(answer), answer.get("ChecksumCRC32"), sha256)
