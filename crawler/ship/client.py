"""The one door to boto3: a client, and its errors in our words."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, ParamValidationError
from urllib3.exceptions import HTTPError

from crawler.errors import RefusedByStoreError, StoreError, UsageError
from crawler.ship.stored import StoreOptions

AWS = (".amazonaws.com", ".amazonaws.com.cn")
CONNECT_SECONDS = 10.0
HINTS = {
    "AccessDenied": "the credentials do not allow it (docs/s3.md has the policy that shipping needs)",
    "ExpiredToken": "the credentials have expired; renew them",
    "ExpiredTokenException": "the credentials have expired; renew them",
    "InvalidAccessKeyId": "the store does not know this access key",
    "NoSuchBucket": "make the bucket first",
    "RequestTimeTooSkewed": "this machine's clock is wrong",
    "SignatureDoesNotMatch": "the secret key is wrong",
    "SlowDown": "the store asks for less; the next run goes on",
}
#: What a store says of bytes that did not arrive as they were sent; sending them again is right.
DAMAGED_ON_THE_WAY = frozenset({"BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch", "IncompleteBody"})
NO_CREDENTIALS = "no credentials found: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a role"


def make_client(options: StoreOptions) -> Any:
    """An S3 client; raises `UsageError` for an endpoint or a profile that is none."""
    logging.getLogger("urllib3.connection").setLevel(logging.ERROR)  # it prints a traceback for a head that was cut
    try:
        session = boto3.session.Session(botocore_session=_without_dates())
        elsewhere = options.endpoint is not None and _is_elsewhere(options.endpoint)  # a client takes long to make
        client = _client(session, options, "path" if options.addressing == "auto" and elsewhere else options.addressing)
        if options.addressing == "auto" and not elsewhere and _is_elsewhere(client.meta.endpoint_url):
            client = _client(session, options, "path")
    except (BotoCoreError, ValueError) as error:
        raise UsageError(f"the store cannot be opened: {error}") from error
    return client


def _without_dates() -> botocore.session.Session:
    """Dates stay text: nobody here reads them, and what a cut has left of one makes their parser warn or fail."""
    session = botocore.session.get_session()
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=str)
    return session


def _is_elsewhere(url: str) -> bool:
    """Whether it is no server of AWS: few others have a name for each bucket."""
    return not (urlsplit(url).hostname or "").endswith(AWS)


def _client(session: boto3.session.Session, options: StoreOptions, addressing: str) -> Any:
    when = "when_supported" if options.checksums else "when_required"
    config = Config(
        connect_timeout=min(CONNECT_SECONDS, options.timeout),
        read_timeout=options.timeout,
        retries={"mode": "standard", "total_max_attempts": options.attempts},
        max_pool_connections=options.threads + 2,
        s3={"addressing_style": addressing},
        request_checksum_calculation=when,
        response_checksum_validation=when,
    )
    region = session.region_name or "us-east-1"  # other servers do not care, and AWS redirects
    return session.client("s3", endpoint_url=options.endpoint, config=config, region_name=region)


@contextmanager
def told(url: str) -> Iterator[None]:
    """What goes wrong with the file at `url`, as a `StoreError` of one line; credentials are in none of them."""
    try:
        yield
    except ClientError as error:
        raise _refusal(url, error) from error
    except NoCredentialsError as error:
        raise StoreError(f"{url}: {NO_CREDENTIALS}") from error
    except ParamValidationError as error:
        raise UsageError(f"{url}: boto3 refuses a parameter: {_one_line(str(error))}") from error
    except (ValueError, LookupError) as error:  # boto3 reads even what a cut has left of a header: "Last-Modified: Su"
        raise StoreError(f"{url}: the store's answer cannot be read: {_one_line(str(error))}") from error
    except (BotoCoreError, HTTPError) as error:  # of the latter, those of bodies that are cut
        raise StoreError(f"{url}: {_one_line(str(error))}") from error


def required(answer: Mapping[str, Any], name: str) -> str:
    """What every whole answer has; raises `StoreError` for one whose head was cut, which boto3 takes for whole."""
    if name not in answer:
        raise StoreError(f"the store's answer was cut short: it has no {name}")
    return str(answer[name])


def _refusal(url: str, error: ClientError) -> RefusedByStoreError:
    said = error.response.get("Error", {})
    code = str(said.get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    hint = HINTS.get("AccessDenied" if status == 403 and code in {"403", "Forbidden"} else code)
    words = hint or _one_line(str(said.get("Message", "")))
    return RefusedByStoreError(f"{url}: {error.operation_name} refused: {code} ({status}): {words}", code, status)


def _one_line(text: str) -> str:
    return " ".join(text.split())[:300]
