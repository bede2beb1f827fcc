"""Exchanges in, WARC files out; WARC files in, captures out.

    exchange  Exchange -> Group          response, request and metadata records; pure
    writer    Group -> NAME.warc.gz      appended, synced, indexed, finished
    warcfile  any WARC file -> Records   damage costs one record
    reader    Record -> Capture
    cdxj      IndexEntry -> index line
    repair    NAME.warc.gz.open -> NAME.warc.gz

The last record of a group is its metadata record: a group without it was never acknowledged and is cut by `repair`.
"""
