"""WARC files -> article records, without a network; one WARC file is one unit of work."""
