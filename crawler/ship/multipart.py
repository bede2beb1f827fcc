"""One file into a bucket: in one request if it is small, else in parts, several at a time, in bounded memory.

The file is read once, in order, by one thread that hashes it as a whole; others hash and send the parts. What was read
is compared with what the manifest says before the store is asked to make an object of the parts: a file that is
damaged here never gets a name there. boto3's own transfer manager can do neither that nor `If-None-Match`.
"""

import base64
import logging
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from io import RawIOBase
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from crawler.errors import RefusedByStoreError, StoreError
from crawler.ship.bucket import Bucket
from crawler.ship.client import required
from crawler.ship.digests import Digests, Part, Reading, crc32_text, digests_of, part_bytes_of, part_of
from crawler.ship.features import Features
from crawler.ship.folder import check_source
from crawler.ship.stored import Sent

logger = logging.getLogger(__name__)

CONTENT_TYPES = {".json": "application/json", ".gz": "application/gzip", ".zst": "application/zstd"}


class Upload:
    """Sends one file; `condition` is what the store is to refuse the name by."""

    def __init__(self, bucket: Bucket, features: Features, path: str, condition: Mapping[str, str]) -> None:
        self._bucket = bucket
        self._features = features
        self._path = path
        self._condition = condition
        #: Whether the store was asked twice to begin, and may have done so twice.
        self.may_have_left_another = False

    def send(self, source: Path, sha256: str) -> Sent:
        """Send the file whose manifest says `sha256`; raises `ArchiveError` if it has not, `RefusedByStoreError`."""
        size = source.stat().st_size
        part_bytes = part_bytes_of(size, self._bucket.options.part_bytes)
        if size <= part_bytes:
            return self._send_whole(source, sha256)
        return self._send_parts(source, part_bytes, sha256)

    def _send_whole(self, source: Path, sha256: str) -> Sent:
        data = source.read_bytes()
        digests = digests_of([data], md5=self._md5)
        check_source(source, digests.sha256, sha256)
        with self._bucket.told(self._path):
            answer = self._bucket.client.put_object(
                Body=data,
                **self._bucket.of(self._path),
                **self._of_object(sha256),
                **self._checksum(digests.parts[0]),
                **self._condition,
            )
        return Sent(etag_of(answer), digests)

    def _send_parts(self, source: Path, part_bytes: int, sha256: str) -> Sent:
        with self._bucket.told(self._path):
            answer = self._bucket.client.create_multipart_upload(
                **self._bucket.of(self._path), **self._of_object(sha256), **self._kind()
            )
        self.may_have_left_another = answer["ResponseMetadata"].get("RetryAttempts", 0) > 0
        upload = required(answer, "UploadId")
        try:
            reading = Reading()
            answers = list(self._each_part(upload, source, part_bytes, reading))
            digests = reading.digests(part for part, _ in answers)
            check_source(source, digests.sha256, sha256)
            return Sent(self._complete(upload, digests, [answer for _, answer in answers]), digests)
        except BaseException:
            self._abort(upload)
            raise

    def _each_part(self, upload: str, source: Path, part_bytes: int, reading: Reading) -> Iterator[tuple[Part, str]]:
        """Parts and their ETags in order; a piece is read into the memory of one that is sent."""
        threads = self._bucket.options.threads
        free: SimpleQueue[bytearray] = SimpleQueue()
        for _ in range(threads):
            free.put(bytearray(part_bytes))
        waiting: list[Future[tuple[Part, str]]] = []
        with ThreadPoolExecutor(threads, "part") as pool, source.open("rb", buffering=0) as file:
            for number in count(1):
                piece = free.get()
                if any(future.done() and future.exception() for future in waiting):
                    break  # the first failure is raised below; the rest need not be sent
                if not fill(piece, file):
                    break
                waiting.append(pool.submit(self._send_part, upload, number, reading.add(piece)))
                waiting[-1].add_done_callback(lambda _, piece=piece: free.put(piece))  # type: ignore[misc]
        yield from (future.result() for future in waiting)

    def _send_part(self, upload: str, number: int, piece: bytearray) -> tuple[Part, str]:
        part = part_of(piece, md5=self._md5)
        with self._bucket.told(self._path):
            answer = self._bucket.client.upload_part(
                Body=piece,
                PartNumber=number,
                UploadId=upload,
                **self._bucket.of(self._path),
                **self._checksum(part),
            )
        return part, required(answer, "ETag")

    def _complete(self, upload: str, digests: Digests, etags: list[str]) -> str | None:
        numbered = enumerate(zip(etags, digests.parts, strict=True), start=1)
        parts = [
            {"PartNumber": number, "ETag": etag}
            | ({"ChecksumCRC32": crc32_text(part.crc32)} if self._features.tells_crc32 else {})
            for number, (etag, part) in numbered
        ]
        whole = {"ChecksumCRC32": digests.whole_crc32, "ChecksumType": "FULL_OBJECT"}
        with self._bucket.told(self._path):
            answer = self._bucket.client.complete_multipart_upload(
                UploadId=upload,
                MultipartUpload={"Parts": parts},
                **self._bucket.of(self._path),
                **(whole if self._features.whole_crc32 else {}),
                **(self._condition if self._features.exclusive_parts else {}),
            )
        return etag_of(answer)

    def _abort(self, upload: str) -> None:
        try:
            with self._bucket.told(self._path):
                self._bucket.client.abort_multipart_upload(UploadId=upload, **self._bucket.of(self._path))
        except RefusedByStoreError as error:
            if error.code != "NoSuchUpload":  # completed, and only the answer was lost
                logger.warning("%s", error)
        except StoreError as error:
            logger.warning("%s; its parts are removed by the next run", error)

    def _of_object(self, sha256: str) -> dict[str, Any]:
        kind = CONTENT_TYPES.get(Path(self._path).suffix, "application/octet-stream")
        return {"Metadata": {"sha256": sha256}, "ContentType": kind} | self._bucket.of_files()

    def _kind(self) -> dict[str, str]:
        if not self._features.tells_crc32:
            return {}
        return {"ChecksumAlgorithm": "CRC32"} | ({"ChecksumType": "FULL_OBJECT"} if self._features.whole_crc32 else {})

    @property
    def _md5(self) -> bool:
        return self._features.needs_md5 or not self._bucket.options.checksums

    def _checksum(self, part: Part) -> dict[str, str]:
        """As a header, never as a trailer behind the body, which old servers take for a part of it."""
        if self._bucket.options.checksums:
            return {"ChecksumCRC32": crc32_text(part.crc32)}
        return {"ContentMD5": base64.b64encode(part.md5).decode()} if part.md5 is not None else {}


def fill(piece: bytearray, file: RawIOBase) -> bool:
    """Read as many bytes as `piece` has, which is shortened to what is left; whether there were any."""
    with memoryview(piece) as room:
        filled = 0
        while filled < len(room) and (number := file.readinto(room[filled:])):
            filled += number
    del piece[filled:]
    return filled > 0


def etag_of(answer: Mapping[str, Any]) -> str | None:
    """The ETag without its quotes."""
    return str(answer["ETag"]).strip('"') if "ETag" in answer else None
