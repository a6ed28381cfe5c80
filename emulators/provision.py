"""provision — make the topics, subscriptions, dataset, tables and views in the emulators.

It reads the definitions in terraform/schemas, which Terraform reads as well, so the two
cannot differ. What exists is kept, a table gains the columns that its definition has gained, and
views are renewed: run it at every start.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from google.api_core.client_options import ClientOptions
from google.api_core.exceptions import AlreadyExists
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery, pubsub_v1
from google.protobuf.duration_pb2 import Duration
from google.pubsub_v1.types import (
    DeadLetterPolicy,
    Encoding,
    PushConfig,
    RetryPolicy,
    Schema,
    SchemaSettings,
    Subscription,
    Topic,
)

SCHEMAS = Path(__file__).resolve().parents[1] / "terraform" / "schemas"

# The emulator answers in milliseconds; ten seconds means that it is not there.
TIMEOUT_SECONDS = 10

# What a schema calls otherwise than SQL does.
SQL_TYPES = {"INTEGER": "INT64"}

# The cloud waits 10 s and more before it delivers again; nobody at a laptop wants to.
BACKOFF_MAX_SECONDS = 5
# The cloud tries for two and a half hours; a developer sees a dead letter after seconds.
DELIVERY_ATTEMPTS_MAX = 5


def provision(push_urls: Mapping[str, str]) -> None:
    """Make everything that is missing.

    `push_urls` gives each push deployment's address by its name (`notifications-deliver`);
    a push subscription whose deployment has no address is left out. Reads
    GOOGLE_CLOUD_PROJECT, PUBSUB_EMULATOR_HOST, BIGQUERY_EMULATOR_HOST, BIGQUERY_DATASET and
    BIGQUERY_LOCATION from the environment.
    """
    project = os.environ["GOOGLE_CLOUD_PROJECT"]
    make_topics(project)
    make_subscriptions(project, push_urls)
    make_warehouse(bigquery_client(project), os.environ["BIGQUERY_DATASET"])


def definitions(name: str) -> Any:
    """Return what the definition file `name` in terraform/schemas holds."""
    return json.loads((SCHEMAS / name).read_text(encoding="utf-8"))


def make_topics(project: str) -> None:
    """Make each topic with its schema.

    Without its retention: the emulator would hand what is retained to every new
    subscription, which Google does only when it is asked to seek.
    """
    with pubsub_v1.PublisherClient() as publisher:
        for name, topic in definitions("topics.json").items():
            settings = _schema_settings(project, topic) if topic["schema"] else None
            _create(publisher.create_topic, Topic(name=f"projects/{project}/topics/{name}", schema_settings=settings))


def make_subscriptions(project: str, push_urls: Mapping[str, str]) -> None:
    """Make each subscription whose receiver is known.

    A BigQuery subscription becomes a pull subscription of the same name: the emulator
    accepts one and then delivers nothing, so emulators/warehouse.py takes its place.
    """
    with pubsub_v1.SubscriberClient() as subscriber:
        for name, definition in definitions("subscriptions.json").items():
            if definition["kind"] == "push" and definition["deployment"] not in push_urls:
                continue
            _create(subscriber.create_subscription, _subscription(project, name, definition, push_urls))


def bigquery_client(project: str) -> bigquery.Client:
    """Return a client of the BigQuery emulator."""
    return bigquery.Client(
        project=project,
        credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]  # google-auth has no types
        client_options=ClientOptions(api_endpoint=os.environ["BIGQUERY_EMULATOR_HOST"]),
        location=os.environ["BIGQUERY_LOCATION"],
    )


def make_warehouse(client: bigquery.Client, dataset: str) -> None:
    """Make the dataset, each table and, in the order in which they build on one another, the views."""
    wanted = bigquery.Dataset(f"{client.project}.{dataset}")
    wanted.location = client.location
    client.create_dataset(wanted, exists_ok=True, timeout=TIMEOUT_SECONDS)
    for name, definition in definitions("tables.json").items():
        table = _table(wanted, name, definition)
        _widen(client, table, client.create_table(table, exists_ok=True, timeout=TIMEOUT_SECONDS))
    for name in definitions("views.json"):
        statement = (
            f"CREATE OR REPLACE VIEW `{client.project}.{dataset}.{name}` AS\n{sql(f'{name}.sql', client, dataset)}"
        )
        client.query(statement, timeout=TIMEOUT_SECONDS).result(timeout=TIMEOUT_SECONDS)


def _widen(client: bigquery.Client, wanted: bigquery.Table, held: bigquery.Table) -> None:
    """Add the optional columns that a table made by an earlier version lacks; Terraform does so in the cloud.

    Said twice, because the emulator's storage follows the statement and its description of the table
    follows the request; BigQuery takes either.
    """
    missing = [field for field in wanted.schema if field.name not in {column.name for column in held.schema}]
    for field in missing:
        assert field.mode == "NULLABLE", f"{wanted.table_id}.{field.name} is new and not optional"
        kind = SQL_TYPES.get(field.field_type, field.field_type)
        statement = f"ALTER TABLE `{wanted.reference}` ADD COLUMN IF NOT EXISTS {field.name} {kind}"
        client.query(statement, timeout=TIMEOUT_SECONDS).result(timeout=TIMEOUT_SECONDS)
    if missing:
        held.schema = [*held.schema, *missing]
        client.update_table(held, ["schema"], timeout=TIMEOUT_SECONDS)


def sql(name: str, client: bigquery.Client, dataset: str) -> str:
    """Return the SQL file `name` with its two placeholders filled, as Terraform's templatefile does."""
    text = (SCHEMAS / name).read_text(encoding="utf-8")
    return text.replace("${project}", client.project).replace("${dataset}", dataset)


def _schema_settings(project: str, topic: dict[str, Any]) -> SchemaSettings:
    """Make the topic's schema where it is missing, and return the setting that points to it."""
    name = topic["schema"].removesuffix(".avsc").replace(".", "-")
    schema = Schema(type_=Schema.Type.AVRO, definition=(SCHEMAS / topic["schema"]).read_text(encoding="utf-8"))
    with pubsub_v1.SchemaServiceClient() as schemas:
        request = {"parent": f"projects/{project}", "schema": schema, "schema_id": name}
        _create(schemas.create_schema, request)
    return SchemaSettings(schema=f"projects/{project}/schemas/{name}", encoding=Encoding[topic["encoding"]])


def _subscription(project: str, name: str, definition: dict[str, Any], push_urls: Mapping[str, str]) -> Subscription:
    request = Subscription(
        name=f"projects/{project}/subscriptions/{name}",
        topic=f"projects/{project}/topics/{definition['topic']}",
        ack_deadline_seconds=definition["ack_deadline_seconds"],
        message_retention_duration=Duration(seconds=definition["retention_seconds"]),
        enable_message_ordering=definition["ordered"],
        retry_policy=RetryPolicy(
            minimum_backoff=Duration(seconds=0), maximum_backoff=Duration(seconds=BACKOFF_MAX_SECONDS)
        ),
    )
    if definition["kind"] == "push":
        # The path names the topic, as it does in the cloud.
        endpoint = f"{push_urls[definition['deployment']].rstrip('/')}/{request.topic}"
        request.push_config = PushConfig(push_endpoint=endpoint)
    if definition["dead_letter"]:
        request.dead_letter_policy = DeadLetterPolicy(
            dead_letter_topic=f"projects/{project}/topics/{definition['dead_letter']}",
            max_delivery_attempts=min(definition["delivery_attempts_max"], DELIVERY_ATTEMPTS_MAX),
        )
    return request


def _table(dataset: bigquery.Dataset, name: str, definition: dict[str, Any]) -> bigquery.Table:
    fields = [bigquery.SchemaField.from_api_repr(column) for column in definitions(definition["schema"])]
    table = bigquery.Table(f"{dataset.project}.{dataset.dataset_id}.{name}", schema=fields)
    if definition["partition_field"]:
        table.time_partitioning = bigquery.TimePartitioning(field=definition["partition_field"])
        table.require_partition_filter = definition["require_partition_filter"]
    table.clustering_fields = definition["clustering"] or None
    return table


def _create(call: Any, request: Any) -> None:
    try:
        call(request=request, timeout=TIMEOUT_SECONDS)
    except AlreadyExists:  # made by an earlier start
        return
