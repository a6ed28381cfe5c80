# Events: topics with schemas, the warehouse's and the notifications' subscriptions, dead letters.
# What exists stands in schemas/topics.json and schemas/subscriptions.json, which the emulators read too.

locals {
  topics        = jsondecode(file("${path.module}/schemas/topics.json"))
  subscriptions = jsondecode(file("${path.module}/schemas/subscriptions.json"))

  topic_schemas = { for name, topic in local.topics : name => topic.schema if topic.schema != null }

  publishers = {
    for pair in setproduct([for name, d in local.deployments : name if contains(d.google, "pubsub")], keys(local.topic_schemas)) :
    "${pair[0]}/${pair[1]}" => { deployment = pair[0], topic = pair[1] }
  }

  dead_lettered = { for name, s in local.subscriptions : name => s if s.dead_letter != null }
}

resource "google_pubsub_schema" "default" {
  for_each = local.topic_schemas

  name       = trimsuffix(each.value, ".avsc")
  type       = "AVRO"
  definition = file("${path.module}/schemas/${each.value}")

  depends_on = [google_project_service.default]
}

resource "google_pubsub_topic" "default" {
  for_each = local.topics

  name                       = each.key
  message_retention_duration = "${each.value.retention_seconds}s"

  # Messages stay in the country of the ledger's disk.
  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }

  dynamic "schema_settings" {
    for_each = each.value.schema == null ? [] : [google_pubsub_schema.default[each.key]]

    content {
      schema   = schema_settings.value.id
      encoding = each.value.encoding
    }
  }

  depends_on = [google_project_service.default]
}

resource "google_pubsub_topic_iam_member" "publishers" {
  for_each = local.publishers

  topic  = google_pubsub_topic.default[each.value.topic].name
  role   = "roles/pubsub.publisher"
  member = google_service_account.deployments[each.value.deployment].member
}

# Google's own agent writes the rows, moves dead letters and signs the push tokens. Its rights must
# stand before the subscriptions do: a BigQuery subscription is refused without them.
resource "google_project_service_identity" "pubsub" {
  provider = google-beta

  service = "pubsub.googleapis.com"

  depends_on = [google_project_service.default]
}

resource "google_bigquery_dataset_iam_member" "pubsub" {
  for_each = toset(["roles/bigquery.dataEditor", "roles/bigquery.metadataViewer"])

  dataset_id = google_bigquery_dataset.default.dataset_id
  role       = each.key
  member     = google_project_service_identity.pubsub.member
}

resource "google_pubsub_topic_iam_member" "dead_letters" {
  for_each = toset([for s in local.dead_lettered : s.dead_letter])

  topic  = google_pubsub_topic.default[each.key].name
  role   = "roles/pubsub.publisher"
  member = google_project_service_identity.pubsub.member
}

resource "google_pubsub_subscription_iam_member" "dead_letters" {
  for_each = local.dead_lettered

  subscription = google_pubsub_subscription.default[each.key].name
  role         = "roles/pubsub.subscriber"
  member       = google_project_service_identity.pubsub.member
}

resource "google_service_account" "push" {
  account_id   = "pubsub-push"
  display_name = "Signs Pub/Sub's push requests"

  depends_on = [google_project_service.default]
}

resource "google_service_account_iam_member" "push" {
  service_account_id = google_service_account.push.name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = google_project_service_identity.pubsub.member
}

resource "google_pubsub_subscription" "default" {
  for_each = local.subscriptions

  name                       = each.key
  topic                      = google_pubsub_topic.default[each.value.topic].id
  ack_deadline_seconds       = each.value.ack_deadline_seconds
  message_retention_duration = "${each.value.retention_seconds}s"
  enable_message_ordering    = each.value.ordered

  # Empty means never: by default a subscription that nobody reads for 31 days is deleted.
  expiration_policy {
    ttl = ""
  }

  retry_policy {
    minimum_backoff = "${each.value.backoff_min_seconds}s"
    maximum_backoff = "${each.value.backoff_max_seconds}s"
  }

  dynamic "dead_letter_policy" {
    for_each = each.value.dead_letter == null ? [] : [each.value]

    content {
      dead_letter_topic     = google_pubsub_topic.default[dead_letter_policy.value.dead_letter].id
      max_delivery_attempts = dead_letter_policy.value.delivery_attempts_max
    }
  }

  dynamic "bigquery_config" {
    for_each = each.value.kind == "bigquery" ? [each.value.table] : []

    content {
      table            = "${var.project_id}.${google_bigquery_table.default[bigquery_config.value].dataset_id}.${google_bigquery_table.default[bigquery_config.value].table_id}"
      use_topic_schema = true
      write_metadata   = true
      # A field that the table lacks is a mistake of ours: it goes to the dead letters, where an alert sees it.
      drop_unknown_fields = false
    }
  }

  dynamic "push_config" {
    for_each = each.value.kind == "push" ? [each.value.deployment] : []

    content {
      # The path names the topic: the framework makes the event's source of it.
      push_endpoint = "${local.addresses[push_config.value]}/${google_pubsub_topic.default[each.value.topic].id}"

      oidc_token {
        service_account_email = google_service_account.push.email
        audience              = local.addresses[push_config.value]
      }
    }
  }

  depends_on = [
    google_bigquery_dataset_iam_member.pubsub,
    google_pubsub_topic_iam_member.dead_letters,
    google_service_account_iam_member.push,
    google_cloud_run_v2_service_iam_member.invokers,
  ]
}
