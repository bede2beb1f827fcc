"""Finished files -> a store: an S3 bucket, or a folder; and back from there.

    store      what a store can do, and `open_store`
    folder     a folder as a store
    s3         a bucket as a store; `client` is the one door to boto3, `multipart` sends large files
    probe      what a bucket's server honours
    digests    what is known of a local file after one reading

A store knows files by their path below the archive folder. It never overwrites one, and a file counts as shipped only
when what the store holds was compared with what we have.
"""
