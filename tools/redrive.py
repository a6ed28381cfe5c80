"""Publish dead letters again to the topic that they came from, once their reason is mended.

    python -m tools.redrive --project=P --subscription=wallet-events-dead-letters --topic=wallet-events

A message is taken from the dead letters only after its copy is published; a stop in between leaves
both, and every consumer keeps one per event_id. Messages of other topics are left where they are.
"""

import argparse

from google.api_core.exceptions import DeadlineExceeded
from google.cloud import pubsub_v1
from google.pubsub_v1.types import ReceivedMessage

BATCH_MESSAGES_MAX = 100
PULL_TIMEOUT_SECONDS = 5
PUBLISH_TIMEOUT_SECONDS = 30
# What Pub/Sub adds to a dead letter; its copy must not carry it.
ADDED = "CloudPubSubDeadLetterSource"


def attributes(received: ReceivedMessage) -> dict[str, str]:
    """Return a dead letter's own attributes."""
    return {name: value for name, value in received.message.attributes.items() if not name.startswith(ADDED)}


def redrive(project: str, subscription: str, topic: str) -> int:
    """Publish every dead letter of `subscription` to `topic` and acknowledge it; return how many."""
    options = pubsub_v1.types.PublisherOptions(enable_message_ordering=True)
    publisher, subscriber = pubsub_v1.PublisherClient(publisher_options=options), pubsub_v1.SubscriberClient()
    source, target = subscriber.subscription_path(project, subscription), publisher.topic_path(project, topic)
    moved = 0
    with subscriber:
        while batch := pull(subscriber, source):
            futures = [
                publisher.publish(target, one.message.data, ordering_key=one.message.ordering_key, **attributes(one))
                for one in batch
            ]
            for future in futures:
                future.result(timeout=PUBLISH_TIMEOUT_SECONDS)
            subscriber.acknowledge(subscription=source, ack_ids=[one.ack_id for one in batch])
            moved += len(batch)
    return moved


def pull(subscriber: pubsub_v1.SubscriberClient, source: str) -> list[ReceivedMessage]:
    """Return the next dead letters; none where none came in time."""
    try:
        answer = subscriber.pull(subscription=source, max_messages=BATCH_MESSAGES_MAX, timeout=PULL_TIMEOUT_SECONDS)
    except DeadlineExceeded:
        return []
    return list(answer.received_messages)


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description="Publish dead letters again.")
    for name in ("project", "subscription", "topic"):
        parser.add_argument(f"--{name}", required=True)
    given = parser.parse_args()
    print(f"{redrive(given.project, given.subscription, given.topic)} messages published again to {given.topic}")


if __name__ == "__main__":
    main()
