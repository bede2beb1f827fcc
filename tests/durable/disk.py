"""What a disk may hold after a power cut: what was synced, and of the rest anything.

A run's effects are replayed up to some moment. Of each file's writes since its last sync, every page of 4096 bytes is
there as it was after any of them, or begins as after one and ends as after another (they meet at a multiple of 512
bytes, which disks write whole), or is zeros where the file has grown; the file's size is that after any of them. Of the
names that were made, changed or removed in a folder since that was synced, each is there or not, whatever became of the
others; a rename is both its halves or none, as on every journaling file system. A folder without a name takes along all
that is below it.
"""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from crawler.durable import Effect

PAGE, SECTOR = 4096, 512


@dataclass(eq=False)
class Node:
    """A file, or with `content` None a folder."""

    content: bytes | None = b""
    #: Its content at the last sync, and after each change since.
    versions: list[bytes] = field(default_factory=lambda: [b""])

    def change(self, effect: Effect) -> None:
        assert self.content is not None
        if effect.kind == "truncate":
            self.content = self.content[: effect.offset].ljust(effect.offset, b"\0")
        else:
            before = self.content.ljust(effect.offset, b"\0")
            self.content = before[: effect.offset] + effect.data + before[effect.offset + len(effect.data) :]
        self.versions.append(self.content)

    def sync(self) -> None:
        assert self.content is not None
        self.versions = [self.content]


#: A change to a table of names.
Change = Callable[[dict[Path, Node]], object]


@dataclass
class Disk:
    """The names below some folder, those that no power cut takes, and the changes that one may take."""

    names: dict[Path, Node] = field(default_factory=dict)
    durable: dict[Path, Node] = field(default_factory=dict)
    #: By folder, in order.
    pending: dict[Path, list[Change]] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Path) -> "Disk":
        """The disk on which all that is below `root` now is durable."""
        disk = cls()
        nodes: dict[int, Node] = {}
        for path in root.rglob("*"):
            if not path.name.endswith("-shm"):
                content = None if path.is_dir() else path.read_bytes()
                node = Node(content, [content or b""])
                disk.names[path.relative_to(root)] = nodes.setdefault(path.stat().st_ino, node)
        disk.durable = dict(disk.names)
        return disk

    def replay(self, effects: Iterable[Effect], root: Path) -> None:
        """What was done below `root`."""
        for effect in effects:
            if effect.path.is_relative_to(root):
                target = effect.target.relative_to(root) if effect.target else None
                self.apply(replace(effect, path=effect.path.relative_to(root), target=target))

    def apply(self, effect: Effect) -> None:
        path = effect.path
        if effect.kind in {"write", "truncate"}:
            self.names[path].change(effect)
        elif effect.kind == "sync":
            self.names[path].sync()
        elif effect.kind == "sync_folder":
            for change in self.pending.pop(path, []):
                change(self.durable)
        elif effect.kind in {"make", "create", "link", "rename", "unlink"}:
            self.rename(effect)

    def rename(self, effect: Effect) -> None:
        path, target = effect.path, effect.target
        if effect.kind == "create":
            change = adding(path, Node())
        elif effect.kind == "make":
            change = adding(path, Node(None))
        elif effect.kind == "unlink":
            change = removing(path)
        else:
            assert target is not None
            assert target.parent == path.parent, "a name that moves to another folder is not modelled"
            change = adding(target, self.names[path], path if effect.kind == "rename" else None)
        change(self.names)
        self.pending.setdefault(path.parent, []).append(change)

    def after_power_cut(self, chance: random.Random, root: Path) -> None:
        """Make below `root` what is found then."""
        kept = chance.choice([0, 0.2, 0.5, 0.8, 1])
        found = dict(self.durable)
        for changes in self.pending.values():
            for change in changes:
                if chance.random() < kept:
                    change(found)
        place_all(found, root, lambda node: torn(node.versions, chance))

    def after_kill(self, root: Path) -> None:
        """Make below `root` what is found then: all of it, synced or not."""
        place_all(self.names, root, lambda node: node.content or b"")


def place_all(names: dict[Path, Node], root: Path, content_of: Callable[[Node], bytes]) -> None:
    placed: dict[Node, Path] = {}
    for path in sorted(names, key=lambda path: path.parts):
        node, place = names[path], root / path
        if not place.parent.is_dir():
            continue
        if node.content is None:
            place.mkdir()
        elif node in placed:
            place.hardlink_to(placed[node])
        else:
            place.write_bytes(content_of(node))
            placed[node] = place


def adding(path: Path, node: Node, old: Path | None = None) -> Change:
    def change(names: dict[Path, Node]) -> None:
        names[path] = node
        if old is not None:
            names.pop(old, None)

    return change


def removing(path: Path) -> Change:
    def change(names: dict[Path, Node]) -> None:
        names.pop(path, None)

    return change


def torn(versions: list[bytes], chance: random.Random) -> bytes:
    """A file's content when every page may be of another moment."""
    style = chance.choice(["first", "last", "pages", "pages", "sectors", "zeros"])
    if len(versions) == 1 or style in {"first", "last"}:
        return versions[-1 if style == "last" else 0]
    size = len(chance.choice(versions))
    return b"".join(page_of(versions, at, style, chance) for at in range(0, size, PAGE))[:size]


def page_of(versions: list[bytes], at: int, style: str, chance: random.Random) -> bytes:
    moments = [chance.choice([versions[0], versions[-1], chance.choice(versions)]) for _ in range(2)]
    one, other = (version[at : at + PAGE].ljust(PAGE, b"\0") for version in moments)
    if style == "zeros" and at >= len(versions[0]) and chance.random() < 0.5:
        return bytes(PAGE)
    border = chance.randrange(0, PAGE, SECTOR) if style == "sectors" else PAGE
    return one[:border] + other[border:]
