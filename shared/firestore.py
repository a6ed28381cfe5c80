"""firestore — documents with preconditions, explicit timeouts and bounded retries.

This is the one importer of the Firestore SDK, and it imports it at the first call: the SDK costs
about 170 ms of cold start that a refused request must not pay. There is no read-modify-write
transaction here on purpose: on a hot document they livelock. A writer reads, decides, and updates
under the precondition that nobody wrote in between; who loses reads again.
"""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from shared import config, errors, trace

if TYPE_CHECKING:
    from google.api_core.retry import Retry
    from google.cloud.firestore import Client, WriteBatch

# One attempt: far above the 5–30 ms of a healthy call and the second that a fresh channel takes on
# a busy machine, short enough that a dead server is noticed.
ATTEMPT_SECONDS: Final = 3.0
# All attempts together: half of the gateway's 15 s, so that a caller can still be answered.
TOTAL_SECONDS: Final = 7.5
# After a server restart a channel may not sleep through gRPC's usual two minutes of back-off.
RECONNECT_MS_MAX: Final = 1_000
# A query without a limit is a fault; a batch is limited by Firestore itself (500 writes).
PAGE_MAX: Final = 500

Where = tuple[str, Literal["==", "<", "<=", ">", ">=", "in"], Any]
Order = tuple[str, Literal["ASCENDING", "DESCENDING"]]


class Moved(Exception):
    """Somebody else wrote the document first: read again and decide again."""


class Exists(Exception):
    """A document of this id is already there."""


class Document(msgspec.Struct, frozen=True):
    """One stored document; `version` is the server's update time, the precondition of the next write."""

    collection: str
    id: str
    fields: dict[str, Any]
    version: Any


class Create(msgspec.Struct, frozen=True):
    """Write a document that must not exist yet."""

    collection: str
    id: str
    fields: dict[str, Any]


class Update(msgspec.Struct, frozen=True):
    """Change fields of a document that must still be as it was read."""

    document: Document
    fields: dict[str, Any]


class Merge(msgspec.Struct, frozen=True):
    """Change fields whatever stands there, creating the document if need be."""

    collection: str
    id: str
    fields: dict[str, Any]


class Delete(msgspec.Struct, frozen=True):
    """Remove a document, or do nothing where there is none."""

    collection: str
    id: str


Write = Create | Update | Merge | Delete


def get(collection: str, document_id: str) -> Document | None:
    """Return the document, or None where there is none."""
    return get_many([(collection, document_id)])[0]


def get_many(keys: Sequence[tuple[str, str]]) -> list[Document | None]:
    """Return the documents of `keys` (collection, id) in their order, in one round trip."""
    if not keys:  # the SDK fails on an empty question
        return []
    client = _client()
    with _call("get", keys[0][0]):
        wanted = [client.document(collection, document_id) for collection, document_id in keys]
        snapshots = client.get_all(wanted, retry=_retry(), timeout=ATTEMPT_SECONDS)
        found = {(shot.reference.parent.id, shot.id): _document(shot) for shot in snapshots if shot.exists}
    return [found.get(key) for key in keys]


def commit(*writes: Write) -> list[Any]:
    """Apply all of `writes` or none, and return the new version of each document.

    Raises Exists where a Create found a document and Moved where an Update found another version.
    An attempt whose answer was lost is repeated, so a writer may meet its own write as Exists or
    Moved: what it reads then is the truth.
    """
    batch = _client().batch()
    for write in writes:
        _add(batch, write)
    with _call("commit", _collection(writes[0])):
        return [result.update_time for result in batch.commit(retry=_retry(), timeout=ATTEMPT_SECONDS)]


def find(
    collection: str, *where: Where, order: Sequence[Order] = (), after: Sequence[Any] | None = None, limit: int
) -> list[Document]:
    """Return at most `limit` documents that fulfil every condition of `where`.

    `after` holds one value for each field of `order`: the last row of the page before. The field
    `__name__` stands for the document's id. Every shape of query needs its composite index in
    terraform/schemas/firestore.json: the emulator does not miss one, the cloud does.
    """
    assert 1 <= limit <= PAGE_MAX, f"a page holds 1 to {PAGE_MAX} documents"
    query = _filtered(collection, where)
    for field, direction in order:
        query = query.order_by(field, direction=direction)
    if after is not None:
        query = query.start_after({field: value for (field, _), value in zip(order, after, strict=True)})
    with _call("find", collection):
        return [_document(shot) for shot in query.limit(limit).get(retry=_retry(), timeout=ATTEMPT_SECONDS)]


def count(collection: str, *where: Where) -> int:
    """Return how many documents fulfil every condition of `where`."""
    counting: Any = _filtered(collection, where).count()
    with _call("count", collection):
        return int(counting.get(retry=_retry(), timeout=ATTEMPT_SECONDS)[0][0].value)


def _filtered(collection: str, where: Sequence[Where]) -> Any:
    """Return the query over `collection` with the conditions of `where`."""
    from google.cloud.firestore_v1.base_query import FieldFilter

    query: Any = _client().collection(collection)
    for field, operator, value in where:
        query = query.where(filter=FieldFilter(field, operator, value))
    return query


def _add(batch: "WriteBatch", write: Write) -> None:
    """Put one write into the batch, with its precondition."""
    client = _client()
    match write:
        case Create():
            batch.create(client.document(write.collection, write.id), write.fields)
        case Update():
            reference = client.document(write.document.collection, write.document.id)
            unmoved = client.write_option(last_update_time=write.document.version)
            batch.update(reference, write.fields, option=unmoved)
        case Merge():
            batch.set(client.document(write.collection, write.id), write.fields, merge=True)
        case Delete():
            batch.delete(client.document(write.collection, write.id))


def _document(snapshot: Any) -> Document:
    """Return our form of the SDK's snapshot."""
    return Document(snapshot.reference.parent.id, snapshot.id, _plain(snapshot.to_dict()), snapshot.update_time)


def _plain(value: Any) -> Any:
    """Return the value with the SDK's timestamps, a subclass that no JSON encoder knows, as datetimes."""
    if isinstance(value, dict):
        return {name: _plain(held) for name, held in value.items()}
    if isinstance(value, list):
        return [_plain(held) for held in value]
    return datetime.combine(value.date(), value.timetz()) if isinstance(value, datetime) else value


def _collection(write: Write) -> str:
    return write.document.collection if isinstance(write, Update) else write.collection


@contextmanager
def _call(operation: str, collection: str) -> Iterator[None]:
    """Time one call for the request's trace, and turn the SDK's exceptions into ours; our own pass as they are."""
    from google.api_core import exceptions

    try:
        with trace.span(f"{operation} {collection}", attributes={"db.system.name": "gcp.firestore"}):
            yield
    except exceptions.AlreadyExists as error:
        raise Exists from error
    except (exceptions.FailedPrecondition, exceptions.NotFound) as error:
        raise Moved from error
    except (exceptions.RetryError, exceptions.ServerError, exceptions.ResourceExhausted, exceptions.Aborted) as error:
        raise errors.Unavailable from error


@lru_cache(maxsize=1)
def _retry() -> "Retry":
    """Return the policy of every call: jittered, from 50 ms up, never beyond TOTAL_SECONDS.

    Aborted is a write that was in another's way: it says nothing of a precondition, and is asked again.
    """
    from google.api_core import exceptions
    from google.api_core.retry import Retry, if_exception_type

    passing = if_exception_type(exceptions.ServerError, exceptions.ResourceExhausted, exceptions.Aborted)
    return Retry(predicate=passing, initial=0.05, maximum=0.5, multiplier=2, timeout=TOTAL_SECONDS)


_connecting = threading.Lock()


def _client() -> "Client":
    """Return the client of this process, made at its first use."""
    host = os.environ.get("FIRESTORE_EMULATOR_HOST")
    with _connecting:
        return _connect(config.require("GOOGLE_CLOUD_PROJECT"), config.require("FIRESTORE_DATABASE"), host)


@lru_cache(maxsize=4)
def _connect(project: str, database: str, emulator: str | None) -> "Client":
    """Return a client of one database; each has one channel, which all threads share."""
    from google.cloud.firestore import Client

    client = Client(project=project, database=database)
    if emulator is not None:
        # The SDK has no option for its channel to an emulator, so its maker is replaced.
        vars(client)["_emulator_channel"] = _emulator_channel(emulator)
    return client


def _emulator_channel(host: str) -> Callable[[type], Any]:
    """Return the maker of a channel that finds a restarted emulator within a second."""
    import grpc  # type: ignore[import-untyped]  # gRPC ships no types, and one call needs none

    options = [("grpc.max_reconnect_backoff_ms", RECONNECT_MS_MAX), ("grpc.use_local_subchannel_pool", 1)]
    return lambda _transport: grpc.insecure_channel(host, options=options)
