"""redrive — look at what lies in the dead letters, say why, and send it on its way again.

python -m tools.redrive --project=P                      the dead letters of every topic
python -m tools.redrive … --topic=wallet-events          those of one topic
python -m tools.redrive … --list                         only show; nothing is taken away
python -m tools.redrive … --event=<event id>             only this one

On a laptop: make operate do="letters --list".

A message is acknowledged in the dead letters only after its topic has it again, so that a crash
in between sends it twice and loses nothing; whoever reads it keeps one copy per event id.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from google.api_core.exceptions import DeadlineExceeded, GoogleAPIError
from google.cloud import pubsub_v1
from google.cloud.pubsub_v1.types import PublisherOptions
from google.pubsub_v1.types import ReceivedMessage

from shared import events

SCHEMAS = Path(__file__).resolve().parents[1] / "terraform" / "schemas"

# An empty subscription answers a pull after its timeout; what is there comes at once.
PULL_TIMEOUT_SECONDS = 5
TIMEOUT_SECONDS = 30
# A hundred are sent in seconds, and in five minutes where each is slow; their ids fit into one request.
MESSAGES_MAX = 100

# As long as Pub/Sub allows. A message that is only looked at comes back to the queue when the tool ends.
LOOK_SECONDS = 600

# What Pub/Sub adds to a message on its way; it would refuse to be given them.
ADDED = ("CloudPubSubDeadLetter", "googclient_")
SOURCE = "CloudPubSubDeadLetterSourceSubscription"
ERROR = "CloudPubSubDeadLetterSourceDeliveryErrorMessage"
COUNT = "CloudPubSubDeadLetterSourceDeliveryCount"


def main(arguments: list[str]) -> int:
    """Show, and unless told only to list send again, every message; return how many could not be sent."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--project", default=os.environ.get("GOOGLE_CLOUD_PROJECT"))
    parser.add_argument("--topic", choices=sorted(homes()))
    parser.add_argument("--event")
    parser.add_argument("--list", action="store_true")
    chosen = parser.parse_args(arguments)
    if not chosen.project:
        parser.error("--project, or GOOGLE_CLOUD_PROJECT, says where to look")
    topics = [chosen.topic] if chosen.topic else sorted(homes())
    # It may send messages that have no key, too.
    publisher = pubsub_v1.PublisherClient(publisher_options=PublisherOptions(enable_message_ordering=True))
    with pubsub_v1.SubscriberClient() as subscriber:
        failed = sum(_redrive(subscriber, publisher, chosen, topic) for topic in topics)
    publisher.stop()
    return failed


def homes() -> dict[str, str]:
    """Return each topic whose subscriptions set messages aside, and the subscription that holds those."""
    definitions = json.loads((SCHEMAS / "subscriptions.json").read_text(encoding="utf-8"))
    dead = {kind["dead_letter"]: kind["topic"] for kind in definitions.values() if kind["dead_letter"]}
    return {dead[kind["topic"]]: name for name, kind in definitions.items() if kind["topic"] in dead}


def _redrive(
    subscriber: pubsub_v1.SubscriberClient,
    publisher: pubsub_v1.PublisherClient,
    chosen: argparse.Namespace,
    topic_name: str,
) -> int:
    """Show, and unless told only to list send again, the dead letters of one topic; return how many stay by failure."""
    subscription = f"projects/{chosen.project}/subscriptions/{homes()[topic_name]}"
    topic = f"projects/{chosen.project}/topics/{topic_name}"
    looked_at: list[str] = []
    sent = failed = 0
    for message in _dead_letters(subscriber, subscription):
        sys.stdout.write(describe(message) + "\n")
        if chosen.list or chosen.event not in (None, message.message.attributes.get("event_id")):
            looked_at.append(message.ack_id)
        elif _send_again(publisher, topic, message):
            subscriber.acknowledge(subscription=subscription, ack_ids=[message.ack_id], timeout=TIMEOUT_SECONDS)
            sent += 1
        else:
            failed += 1
    for start in range(0, len(looked_at), MESSAGES_MAX):
        _lease(subscriber, subscription, looked_at[start : start + MESSAGES_MAX], 0)
    sys.stdout.write(f"{topic_name}: {sent} sent again, {len(looked_at) + failed} left in the dead letters\n")
    return failed


def describe(received: ReceivedMessage) -> str:
    """Return one line on a message: what it is, who refused it how often, and why."""
    attributes = received.message.attributes
    refused_by = attributes.get(SOURCE, "?").rsplit("/", 1)[-1]
    times = attributes.get(COUNT, "?")
    name = f"{attributes.get('event_type', '?')} {attributes.get('event_id', received.message.message_id)}"
    published = received.message.publish_time.isoformat()
    return f"{name}  {published}  refused {times} times by {refused_by}: {why(received)}"


def why(received: ReceivedMessage) -> str:
    """Return why a message was refused, as far as it can be told from the message."""
    attributes = received.message.attributes
    if attributes.get(ERROR):
        return str(attributes[ERROR])
    try:
        events.decode(attributes.get("event_type", ""), received.message.data)
    except events.EventInvalid as error:
        return f"no event of ours: {error}"
    return "a good event; its receiver failed, see the receiver's log"


def _dead_letters(subscriber: pubsub_v1.SubscriberClient, subscription: str) -> Iterator[ReceivedMessage]:
    """Yield what lies there, each message once, and hold it back from others for the time being."""
    seen: set[str] = set()
    while True:
        try:
            answer = subscriber.pull(
                subscription=subscription, max_messages=MESSAGES_MAX, timeout=PULL_TIMEOUT_SECONDS, retry=None
            )
        except DeadlineExceeded:
            return
        received = list(answer.received_messages)
        if not received:
            return
        # Also what has been seen: its lease ran out, and it would come back at once.
        _lease(subscriber, subscription, [message.ack_id for message in received], LOOK_SECONDS)
        fresh = [message for message in received if message.message.message_id not in seen]
        seen.update(message.message.message_id for message in fresh)
        yield from fresh


def _lease(subscriber: pubsub_v1.SubscriberClient, subscription: str, ack_ids: list[str], seconds: int) -> None:
    """Hold messages back from others for so long, or give them back with 0."""
    subscriber.modify_ack_deadline(
        subscription=subscription, ack_ids=ack_ids, ack_deadline_seconds=seconds, timeout=TIMEOUT_SECONDS
    )


def _send_again(publisher: pubsub_v1.PublisherClient, topic: str, received: ReceivedMessage) -> bool:
    """Publish a message to `topic` and return whether the topic took it."""
    message = received.message
    kept = {name: value for name, value in message.attributes.items() if not name.startswith(ADDED)}
    sent = publisher.publish(topic, message.data, ordering_key=message.ordering_key, **kept)
    try:
        sent.result(TIMEOUT_SECONDS)
    except (GoogleAPIError, TimeoutError) as error:
        sys.stdout.write(f"  stays: {type(error).__name__}\n")
        if message.ordering_key:  # after a failure the client holds the messages of a key back
            publisher.resume_publish(topic, message.ordering_key)
        return False
    return True


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
