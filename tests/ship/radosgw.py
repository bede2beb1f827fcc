"""Ceph's object gateway on the smallest cluster that it can stand on: one monitor, one disk in memory."""

import json
import shutil
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.ship.servers import Server, free_port

PROGRAMS = ("radosgw", "radosgw-admin", "ceph", "ceph-mon", "ceph-osd", "monmaptool")
SECONDS = 60
CONF = """
[global]
fsid = {fsid}
mon_host = [v2:127.0.0.1:{v2}/0,v1:127.0.0.1:{v1}/0]
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
ms_mon_client_mode = crc
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pgp_num = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
osd_objectstore = memstore
memstore_device_bytes = 4294967296
osd_class_load_list = *
osd_class_default_list = *
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 1000
mon_data = {folder}/mon
mon_data_avail_crit = 1
osd_data = {folder}/osd
run_dir = {folder}
admin_socket =
log_file = {folder}/$name.log
pid_file = {folder}/$name.pid
crash_dir = {folder}
keyring = {folder}/keyring
rgw_data = {folder}/rgw
rgw_multipart_min_part_size = 1
rgw_frontends = beast endpoint=127.0.0.1:{rgw}
"""

needs_radosgw = pytest.mark.skipif(
    any(shutil.which(program) is None for program in PROGRAMS),
    reason="Ceph is not installed (Debian: radosgw, ceph-mon, ceph-osd; .ci/run does it)",
)


@contextmanager
def radosgw(folder: Path, *, tls: bool = False) -> Iterator[Server]:
    """It checks signatures and digests, knows `If-None-Match` for whole files only, and tells no checksums."""
    assert not tls
    ports = {"v1": free_port(), "v2": free_port(), "rgw": free_port()}
    fsid, osd = str(uuid.uuid4()), str(uuid.uuid4())
    conf = folder / "ceph.conf"
    conf.write_text(CONF.format(fsid=fsid, folder=folder, **ports))
    for name in ("mon", "osd", "rgw"):
        (folder / name).mkdir()
    addresses = f"[v2:127.0.0.1:{ports['v2']},v1:127.0.0.1:{ports['v1']}]"
    run("monmaptool", "--create", "--fsid", fsid, "--addv", "a", addresses, folder / "monmap")
    run("ceph-mon", "-c", conf, "-i", "a", "--mkfs", "--monmap", folder / "monmap")
    with ExitStack() as stack:
        stack.enter_context(daemon(folder, "ceph-mon", "-c", conf, "-i", "a", "-f"))
        run("ceph", "-c", conf, "osd", "new", osd)
        run("ceph-osd", "-c", conf, "-i", "0", "--mkfs", "--osd-uuid", osd)
        stack.enter_context(daemon(folder, "ceph-osd", "-c", conf, "-i", "0", "-f"))
        user = run("radosgw-admin", "-c", conf, "user", "create", "--uid", "test", "--display-name", "test")
        keys = json.loads(user)["keys"][0]
        server = stack.enter_context(daemon(folder, "radosgw", "-c", conf, "-n", "client.rgw", "-f"))
        found = {"AWS_ACCESS_KEY_ID": keys["access_key"], "AWS_SECRET_ACCESS_KEY": keys["secret_key"]}
        serving = Server("radosgw", f"http://127.0.0.1:{ports['rgw']}", ports["rgw"], None, found)
        wait(serving, server)
        yield serving


@contextmanager
def daemon(folder: Path, *command: str | Path) -> Iterator["subprocess.Popen[bytes]"]:
    with (folder / "out.log").open("ab") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        try:
            yield process
        finally:
            process.kill()


def run(*command: str | Path) -> str:
    result = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert result.returncode == 0, f"{command}: {result.stderr[-2000:]}"
    return result.stdout


def wait(server: Server, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            server.client.list_buckets()
        except Exception:  # noqa: BLE001 - whatever it is, it is not ready
            time.sleep(0.2)  # for another process to start; there is nothing else to wait on
        else:
            return
    pytest.fail("radosgw did not start")
