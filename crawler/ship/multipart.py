"""One file into a bucket: in one request if it is small, else in parts, several at a time, in bounded memory.

The file is read once, in order, by one thread that hashes it as a whole; others hash and send the parts. What was read
is compared with what the manifest says before the store is asked to make an object of the parts: a file that is
damaged here never gets a name there. boto3's own transfer manager can do neither that nor `If-None-Match`.
"""

import base64
import logging
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from crawler.errors import RefusedByStoreError, StoreError
from crawler.ship.bucket import Bucket
from crawler.ship.client import required
from crawler.ship.digests import Digests, Part, Reading, crc32_text, digests_of, part_bytes_of, part_of, read_parts
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
        pieces = read_parts(source, part_bytes)
        return (
            self._send_whole(source, pieces, sha256) if size <= part_bytes else self._send_parts(source, pieces, sha256)
        )

    def _send_whole(self, source: Path, pieces: Iterable[bytes], sha256: str) -> Sent:
        data = b"".join(pieces)
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

    def _send_parts(self, source: Path, pieces: Iterable[bytes], sha256: str) -> Sent:
        with self._bucket.told(self._path):
            answer = self._bucket.client.create_multipart_upload(
                **self._bucket.of(self._path), **self._of_object(sha256), **self._kind()
            )
        self.may_have_left_another = answer["ResponseMetadata"].get("RetryAttempts", 0) > 0
        upload = required(answer, "UploadId")
        try:
            reading = Reading()
            answers = list(self._each_part(upload, pieces, reading))
            digests = reading.digests(part for part, _ in answers)
            check_source(source, digests.sha256, sha256)
            return Sent(self._complete(upload, digests, [answer for _, answer in answers]), digests)
        except BaseException:
            self._abort(upload)
            raise

    def _each_part(self, upload: str, pieces: Iterable[bytes], reading: Reading) -> Iterator[tuple[Part, str]]:
        """Parts and their ETags in order; at most one piece a thread, and one more, is in memory."""
        threads = self._bucket.options.threads
        room = BoundedSemaphore(threads)
        waiting: list[Future[tuple[Part, str]]] = []
        with ThreadPoolExecutor(threads, "part") as pool:
            for number, piece in enumerate(pieces, start=1):
                room.acquire()
                if any(future.done() and future.exception() for future in waiting):
                    break  # the first failure is raised below; the rest need not be sent
                waiting.append(pool.submit(self._send_part, upload, number, reading.add(piece)))
                waiting[-1].add_done_callback(lambda _: room.release())
                del piece
        yield from (future.result() for future in waiting)

    def _send_part(self, upload: str, number: int, piece: bytes) -> tuple[Part, str]:
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


def etag_of(answer: Mapping[str, Any]) -> str | None:
    """The ETag without its quotes."""
    return str(answer["ETag"]).strip('"') if "ETag" in answer else None
