"""The one door for all that a crash may leave half done: files, names, folders, and the ledger's transactions.

create_file, open_file   a file to append to or to change, unbuffered; `sync` makes what was written durable
new_file                 a file that gets its name once it is complete and durable; never overwrites another content
replaced_file            likewise, for what is made of other files and may be made again: it takes the old one's place
publish                  the final name for a finished file, without overwriting; `unlink`, for the others
make_folder              a folder, durable with its parents; `sync_file`, `sync_folder` for what others have made
open_database            a SQLite database whose commits are durable; `Database.transaction`, and `close`

No other module of the archive opens a file for writing, renames, removes, makes a folder, or begins a transaction; a
test holds that. So a module that writes anything new writes it like this, and is swept by every test of crashes:

    with new_file(archive / "runs" / "example.json") as file:
        file.write(data)

`observing` shows each effect before and after it happens, which is how those tests number them, and die, fail or record
there. Nobody else observes.
"""

from crawler.durable.database import Database, open_database, read_database, reading_database
from crawler.durable.effects import Effect, Observer, observing
from crawler.durable.files import OutFile, create_file, make_folder, open_file, sync_file, sync_folder, unlink
from crawler.durable.publishing import NEW_SUFFIX, new_file, publish, replaced_file

__all__ = [
    "NEW_SUFFIX",
    "Database",
    "Effect",
    "Observer",
    "OutFile",
    "create_file",
    "make_folder",
    "new_file",
    "observing",
    "open_database",
    "open_file",
    "publish",
    "read_database",
    "reading_database",
    "replaced_file",
    "sync_file",
    "sync_folder",
    "unlink",
]
