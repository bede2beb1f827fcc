import pytest

from crawler.archive.digests import Algorithm, digest_of

EMPTY = {"sha1": "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"}
EMPTY["sha256"] = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_is_labelled_as_the_field_writes_it(algorithm: Algorithm) -> None:
    assert digest_of((), algorithm) == EMPTY[algorithm]
    assert digest_of((b"a", b"", b"bc"), algorithm) == digest_of((b"abc",), algorithm) != EMPTY[algorithm]
