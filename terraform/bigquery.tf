# The warehouse: what happened, under pseudonyms. Rows arrive by the Pub/Sub subscription alone.

locals {
  tables    = jsondecode(file("${path.module}/schemas/tables.json"))
  views     = jsondecode(file("${path.module}/schemas/views.json"))
  scheduled = jsondecode(file("${path.module}/schemas/scheduled.json"))

  # The only two names that a query file leaves open.
  query_names = { project = var.project_id, dataset = google_bigquery_dataset.default.dataset_id }

  bigquery_deployments = { for name, d in local.deployments : name => d if contains(d.google, "bigquery") }

  day_milliseconds = 24 * 60 * 60 * 1000
}

resource "google_bigquery_dataset" "default" {
  dataset_id                 = "wallet"
  location                   = var.region
  description                = "Events of the ledger, pseudonymous: no name, account number or note."
  delete_contents_on_destroy = !local.env.keep_data
  max_time_travel_hours      = "168"

  depends_on = [google_project_service.default]
}

resource "google_bigquery_table" "default" {
  for_each = local.tables

  dataset_id          = google_bigquery_dataset.default.dataset_id
  table_id            = each.key
  schema              = file("${path.module}/schemas/${each.value.schema}")
  clustering          = length(each.value.clustering) > 0 ? each.value.clustering : null
  deletion_protection = local.env.keep_data
  # A query that names no day would read, and bill, all of history.
  require_partition_filter = each.value.require_partition_filter

  dynamic "time_partitioning" {
    for_each = each.value.partition_field == null ? [] : [each.value]

    content {
      type          = "DAY"
      field         = time_partitioning.value.partition_field
      expiration_ms = time_partitioning.value.partition_days_max == null ? null : time_partitioning.value.partition_days_max * local.day_milliseconds
    }
  }
}

# A view is checked when it is made, so each must come after what it reads: the first over the
# tables, the second over the first. Two resources, because one for_each knows no order.
resource "google_bigquery_table" "events" {
  dataset_id          = google_bigquery_dataset.default.dataset_id
  table_id            = local.views[0]
  deletion_protection = false

  view {
    query          = templatefile("${path.module}/schemas/${local.views[0]}.sql", local.query_names)
    use_legacy_sql = false
  }

  depends_on = [google_bigquery_table.default]
}

resource "google_bigquery_table" "views" {
  for_each = toset(slice(local.views, 1, length(local.views)))

  dataset_id          = google_bigquery_dataset.default.dataset_id
  table_id            = each.key
  deletion_protection = false

  view {
    query          = templatefile("${path.module}/schemas/${each.key}.sql", local.query_names)
    use_legacy_sql = false
  }

  depends_on = [google_bigquery_table.events]
}

resource "google_service_account" "warehouse" {
  account_id   = "warehouse"
  display_name = "Runs the warehouse's scheduled queries"

  depends_on = [google_project_service.default]
}

resource "google_bigquery_data_transfer_config" "default" {
  for_each = local.scheduled

  display_name         = each.key
  data_source_id       = "scheduled_query"
  location             = var.region
  schedule             = each.value.schedule
  disabled             = var.paused
  service_account_name = google_service_account.warehouse.email

  params = {
    query = templatefile("${path.module}/schemas/${each.value.query}", local.query_names)
  }

  email_preferences {
    enable_failure_email = true
  }

  depends_on = [google_bigquery_table.views, google_project_iam_member.warehouse, google_bigquery_dataset_iam_member.warehouse]
}

resource "google_bigquery_dataset_iam_member" "warehouse" {
  dataset_id = google_bigquery_dataset.default.dataset_id
  role       = "roles/bigquery.dataEditor"
  member     = google_service_account.warehouse.member
}

resource "google_project_iam_member" "warehouse" {
  project = var.project_id
  role    = "roles/bigquery.jobUser"
  member  = google_service_account.warehouse.member
}

# The one table that a function writes: the reconciliation opens a closed day again by deleting its row.
locals {
  table_writers = {
    "reconciliation-check/closings" = { deployment = "reconciliation-check", table = "closings" }
  }
}

resource "google_bigquery_table_iam_member" "writers" {
  for_each = local.table_writers

  dataset_id = google_bigquery_dataset.default.dataset_id
  table_id   = google_bigquery_table.default[each.value.table].table_id
  role       = "roles/bigquery.dataEditor"
  member     = google_service_account.deployments[each.value.deployment].member
}

# The functions read: they may start queries and see this dataset.
resource "google_project_iam_member" "queries" {
  for_each = local.bigquery_deployments

  project = var.project_id
  role    = "roles/bigquery.jobUser"
  member  = google_service_account.deployments[each.key].member
}

resource "google_bigquery_dataset_iam_member" "readers" {
  for_each = local.bigquery_deployments

  dataset_id = google_bigquery_dataset.default.dataset_id
  role       = "roles/bigquery.dataViewer"
  member     = google_service_account.deployments[each.key].member
}
