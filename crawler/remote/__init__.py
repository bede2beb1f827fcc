"""A store's archive, read from afar: manifests -> what there is; ranges of an index -> one record; files -> a folder.

Only what manifests name is read, so that a run which is being shipped is never seen by half.
"""
