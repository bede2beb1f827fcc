"""Real S3 servers on the loopback interface, each in an environment of its own."""

import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from crawler.demo.certificates import Certificates, write_certificates

BIN = Path(__file__).parent.parent.parent / ".venv-s3" / "bin"
START_SECONDS = 60
KEYS = {"AWS_ACCESS_KEY_ID": "AKIANEWSWARCTEST", "AWS_SECRET_ACCESS_KEY": "a-secret-that-is-never-told"}
BUCKET = "news"
RADOSGW = shutil.which("radosgw")

needs_servers = pytest.mark.skipif(
    not (BIN / "ministack").exists() or not (BIN / "moto_server").exists(),
    reason="ministack and moto are not installed in .venv-s3 (`make test` does it)",
)


@dataclass(frozen=True, eq=False)
class Server:
    """A server that answers at `endpoint`; with TLS, under the authority in `ca_file`."""

    name: str
    endpoint: str
    port: int
    ca_file: Path | None = None
    keys: Mapping[str, str] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What leads boto3's own chain here."""
        ca = {"AWS_CA_BUNDLE": str(self.ca_file)} if self.ca_file else {}
        return {**(self.keys or KEYS), "AWS_ENDPOINT_URL": self.endpoint, "AWS_DEFAULT_REGION": "us-east-1", **ca}

    @cached_property
    def client(self) -> Any:
        """Another view of the server than ours; wants no checksum."""
        keys = self.keys or KEYS
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
            verify=str(self.ca_file) if self.ca_file else None,
            config=Config(
                s3={"addressing_style": "path"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def objects(self, bucket: str) -> dict[str, bytes]:
        """All that a bucket holds, but for what asking the store has left."""
        client = self.client
        found: dict[str, bytes] = {}
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for entry in page.get("Contents", ()):
                if ".newswarc/" not in entry["Key"]:
                    found[entry["Key"]] = client.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
        return found

    def uploads(self, bucket: str) -> list[str]:
        """The keys of uploads that were neither completed nor aborted."""
        client = self.client
        return [entry["Key"] for entry in client.list_multipart_uploads(Bucket=bucket).get("Uploads", ())]

    def make_bucket(self, name: str, **how: Any) -> str:
        """A new bucket."""
        client = self.client
        client.create_bucket(Bucket=name, **how)
        return name


@contextmanager
def ministack(folder: Path, *, tls: bool = False) -> Iterator[Server]:
    """It checks digests, and honours conditional writes."""
    certificates = write_certificates(folder, ["localhost", "127.0.0.1"]) if tls else None
    port = free_port()
    environment = {"GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1", "STATE_DIR": str(folder / "state")}
    if certificates:
        environment |= {
            "USE_SSL": "1",
            "MINISTACK_SSL_CERT": str(certificates.chain_file),
            "MINISTACK_SSL_KEY": str(certificates.key_file),
        }
    with running([str(BIN / "ministack")], folder, port, environment):
        yield served("ministack", port, certificates)


@contextmanager
def moto(folder: Path, *, tls: bool = False) -> Iterator[Server]:
    """It takes any bytes, whatever checksum comes with them."""
    certificates = write_certificates(folder, ["localhost", "127.0.0.1"]) if tls else None
    port = free_port()
    command = [str(BIN / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
    if certificates:
        command += ["-c", str(certificates.chain_file), "-k", str(certificates.key_file)]
    with running(command, folder, port, {"S3_UPLOAD_PART_MIN_SIZE": "1"}):
        yield served("moto", port, certificates)


def served(name: str, port: int, certificates: Certificates | None) -> Server:
    scheme = "https" if certificates else "http"
    return Server(name, f"{scheme}://127.0.0.1:{port}", port, certificates.ca_file if certificates else None)


@contextmanager
def running(command: list[str], folder: Path, port: int, environment: Mapping[str, str]) -> Iterator[None]:
    """A server while it runs; what it says is in its folder."""
    log = folder / "server.log"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "COVERAGE"))}
    with (
        log.open("wb") as out,
        subprocess.Popen(
            command, cwd=folder, stdout=out, stderr=out, env={**kept, **environment, "TMPDIR": str(folder)}
        ) as server,
    ):
        try:
            wait_for(port, server, log)
            yield
        finally:
            server.kill()


def wait_for(port: int, server: "subprocess.Popen[bytes]", log: Path) -> None:
    """Return when the server answers; fail with its log if it does not."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)  # for another process to start; there is nothing else to wait on
        else:
            return
    pytest.fail(f"{log} is of a server that did not start: {log.read_text()[-2000:]}")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def trusts(ca_file: Path) -> ssl.SSLContext:
    """A client's side of TLS under that authority."""
    return ssl.create_default_context(cafile=str(ca_file))
