"""publisher — the one user of the Pub/Sub SDK here: a batch of events out, a verdict on each back.

Pub/Sub wants all messages of one request to share their ordering key (PubsubMessage.ordering_key
in its API), so a batch becomes one request per key, and all of them are under way at once. The
client library's own batching does the same but, with ordering on, retries for ever behind
the caller's back; here a request has one attempt and a deadline, and the outbox is the retry.
"""

import os
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import grpc  # type: ignore[import-untyped]  # gRPC ships no types
import msgspec
from google.pubsub_v1.services.publisher import PublisherClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.types import PublishRequest, PubsubMessage

from shared import config, events, log, trace

# A healthy publish takes 5–50 ms. Below the claim's lease, so that a late answer finds it still held.
TIMEOUT_SECONDS = 15

# After an outage gRPC would sleep up to two minutes before it looks again.
RECONNECT_MS_MAX = 1_000


Began = tuple[trace.Trace, trace.Span]


class Outgoing(msgspec.Struct, frozen=True):
    """A message to publish; `id` is how the caller knows it again, `traceparent` the request that caused it."""

    id: int
    topic: str
    ordering_key: str
    data: bytes
    attributes: dict[str, str]
    traceparent: str = ""


class Verdicts(msgspec.Struct, frozen=True):
    """What became of a batch: acknowledged, refused for a reason, or not judged because Pub/Sub is away."""

    published: list[int]
    refused: dict[int, str]
    away: list[int]


@trace.span("publish", trace.PRODUCER)
def publish(batch: Iterable[Outgoing]) -> Verdicts:
    """Publish `batch`, in order within each key, and return once every message has its verdict."""
    verdicts = Verdicts([], {}, [])
    again: list[list[Outgoing]] = []
    for group, call, spans in [(group, *_send(group)) for group in _groups(batch)]:
        # failpoint: relay.amid_publishing
        code = _outcome(call, spans)
        if code is grpc.StatusCode.OK:
            verdicts.published.extend(message.id for message in group)
        elif code is not grpc.StatusCode.INVALID_ARGUMENT:
            _log_away(code)
            verdicts.away.extend(message.id for message in group)
        elif len(group) == 1:
            verdicts.refused[group[0].id] = "Pub/Sub refused the message as invalid"
        else:
            again.append(group)
    for group in again:
        _publish_singly(group, verdicts)
    return verdicts


def _publish_singly(group: Sequence[Outgoing], verdicts: Verdicts) -> None:
    """Find which message of a refused group is the bad one: the others are no worse for it."""
    for message in group:
        alone = publish([message])
        verdicts.published.extend(alone.published)
        verdicts.refused.update(alone.refused)
        verdicts.away.extend(alone.away)


def _groups(batch: Iterable[Outgoing]) -> list[list[Outgoing]]:
    """Return the requests: all messages of one topic and key together, in order.

    A claim is small enough to be one request: two of one key at once could overtake one another.
    """
    groups: dict[tuple[str, str], list[Outgoing]] = {}
    for message in batch:
        groups.setdefault((message.topic, message.ordering_key), []).append(message)
    return list(groups.values())


def _send(group: Sequence[Outgoing]) -> tuple[Any, list[Began]]:
    """Start the request for `group`; return the call, which is under way, and its span in each message's trace."""
    topic = f"projects/{config.require('GOOGLE_CLOUD_PROJECT')}/topics/{group[0].topic}"
    traces = [(m, trace.continued(m.traceparent)) for m in group]
    spans = [(its, its.begin(f"publish {m.topic}", trace.PRODUCER)) for m, its in traces if its is not None]
    messages = [
        PubsubMessage(data=m.data, attributes=_attributes(m, its), ordering_key=m.ordering_key) for m, its in traces
    ]
    # The generated client's blocking method would add this header, which routes the request.
    routing = [("x-goog-request-params", f"topic={topic}")]
    request = PublishRequest(topic=topic, messages=messages)
    stub: Any = _client().transport.publish
    return stub.future(request, timeout=TIMEOUT_SECONDS, metadata=routing), spans


def _attributes(message: Outgoing, its: trace.Trace | None) -> dict[str, str]:
    """Return a message's attributes, with the trace of the request that caused it where somebody wants to see it."""
    return message.attributes if its is None else message.attributes | {events.TRACE: its.parent()}


def _outcome(call: Any, spans: list[Began]) -> grpc.StatusCode:
    """Wait for the end of `call`, which ends the spans, and return how it ended."""
    error = call.exception()
    for its, span in spans:
        span.is_failed = error is not None
        its.end(span)
    return grpc.StatusCode.OK if error is None else error.code()


def _log_away(code: grpc.StatusCode) -> None:
    log.write("WARNING", "Pub/Sub did not take events; they stay in the outbox", reason=code.name)


@cache
def _client() -> PublisherClient:
    """Return the client of this process; locally it speaks to the emulator without credentials."""
    emulator = os.environ.get("PUBSUB_EMULATOR_HOST")
    if emulator is None:
        return PublisherClient()
    channel = grpc.insecure_channel(emulator, options=[("grpc.max_reconnect_backoff_ms", RECONNECT_MS_MAX)])
    return PublisherClient(transport=PublisherGrpcTransport(channel=channel))
