# Firestore: payments' documents and people's inboxes. Written by the functions alone.

locals {
  # Indexes and expiry rules stand beside the queries that need them, in one file that the tests
  # compare with the code: the emulator enforces no composite index, the cloud does.
  firestore = jsondecode(file("${path.module}/schemas/firestore.json"))

  firestore_indexes = {
    for index in local.firestore.indexes :
    join("-", concat([index.collection], [for field in index.fields : "${field[0]}-${lower(field[1])}"])) => index
  }

  firestore_deployments = { for name, d in local.deployments : name => d if contains(d.google, "firestore") }
}

resource "google_firestore_database" "default" {
  name                              = "(default)"
  location_id                       = var.region
  type                              = "FIRESTORE_NATIVE"
  concurrency_mode                  = "PESSIMISTIC"
  point_in_time_recovery_enablement = local.env.firestore_backup ? "POINT_IN_TIME_RECOVERY_ENABLED" : "POINT_IN_TIME_RECOVERY_DISABLED"
  delete_protection_state           = local.env.keep_data ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  deletion_policy                   = local.env.keep_data ? "ABANDON" : "DELETE"

  depends_on = [google_project_service.default]
}

resource "google_firestore_index" "default" {
  for_each = local.firestore_indexes

  database    = google_firestore_database.default.name
  collection  = each.value.collection
  query_scope = each.value.scope

  dynamic "fields" {
    for_each = each.value.fields

    content {
      field_path = fields.value[0]
      order      = fields.value[1]
    }
  }
}

# Documents go by themselves when the time in this field has passed (within a day, says Google).
resource "google_firestore_field" "expiry" {
  for_each = { for rule in local.firestore.ttl : rule.collection => rule }

  database   = google_firestore_database.default.name
  collection = each.value.collection
  field      = each.value.field

  ttl_config {}
  # 2025-02: without this empty block the field keeps its automatic index, and a rising time is a hot spot.
  index_config {}
}

resource "google_firestore_backup_schedule" "daily" {
  count = local.env.firestore_backup ? 1 : 0

  database  = google_firestore_database.default.name
  retention = "2592000s"

  daily_recurrence {}
}

# No browser or phone talks to Firestore: the rules deny everything, and the functions come by IAM,
# which rules do not concern.
resource "google_firebaserules_ruleset" "firestore" {
  source {
    files {
      name    = "firestore.rules"
      content = file("${path.module}/schemas/firestore.rules")
    }
  }

  depends_on = [google_firestore_database.default]
}

resource "google_firebaserules_release" "firestore" {
  name         = "cloud.firestore"
  ruleset_name = google_firebaserules_ruleset.firestore.name
}

# IAM cannot name a collection; the narrowest role that writes documents is the whole database's.
# A deployment whose code only reads them ("reads_only", held to the code by a test) may only read.
resource "google_project_iam_member" "firestore" {
  for_each = local.firestore_deployments

  project = var.project_id
  role    = contains(try(each.value.reads_only, []), "firestore") ? "roles/datastore.viewer" : "roles/datastore.user"
  member  = google_service_account.deployments[each.key].member
}
