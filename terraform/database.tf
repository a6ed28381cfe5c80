# Postgres: the money. Private address only, people and functions come in by IAM, no password exists.

locals {
  database_flags = {
    "cloudsql.iam_authentication" = "on"
    "max_connections"             = tostring(local.env.database.connections_max)
    # Timeouts and the like are the migration's (shared/migrate.py), so that they hold locally too.
    # No flag logs statements: their values may be names or notes. Slow ones are in Query Insights, without values.
    "log_lock_waits" = "on"
  }
  # Logins of people's programs: one per deployment that has a database role.
  database_deployments = { for name, d in local.deployments : name => d if d.database_role != null }
  # A service account's database login is its address without this ending.
  login_suffix = ".gserviceaccount.com"
}

resource "google_sql_database_instance" "default" {
  # A deleted instance's name stays taken for a week: recreate under the next number.
  name             = "wallet-1"
  database_version = "POSTGRES_17"
  region           = var.region

  settings {
    tier = local.env.database.tier
    # 2024-10: from Postgres 16 on the default is ENTERPRISE_PLUS, which refuses these tiers.
    edition           = "ENTERPRISE"
    availability_type = local.env.database.availability
    activation_policy = var.paused ? "NEVER" : "ALWAYS"
    disk_type         = "PD_SSD"
    disk_size         = local.env.database.disk_gib
    disk_autoresize   = true
    # A runaway table stops growing here, an alert fires far below (alerts.tf).
    disk_autoresize_limit       = 500
    deletion_protection_enabled = local.env.database.deletion_protection
    retain_backups_on_delete    = local.env.keep_data

    ip_configuration {
      ipv4_enabled    = false
      private_network = google_compute_network.default.id
      # Only the connector's mutual TLS: a stolen login is worth nothing without an IAM identity.
      ssl_mode = "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"
    }

    connector_enforcement = "REQUIRED"

    # REGIONAL needs backups and point-in-time recovery; the API refuses it otherwise.
    backup_configuration {
      enabled                        = true
      start_time                     = "18:00" # 01:00 in Jakarta, before the nightly check of the books
      location                       = local.env.keep_data ? "asia" : var.region
      point_in_time_recovery_enabled = local.env.database.recovery_days > 0
      transaction_log_retention_days = local.env.database.recovery_days > 0 ? local.env.database.recovery_days : null

      backup_retention_settings {
        retained_backups = local.env.database.backups_kept
        retention_unit   = "COUNT"
      }
    }

    maintenance_window {
      day          = 7
      hour         = 19 # 02:00 on Monday in Jakarta
      update_track = local.env.database.maintenance_track
    }

    insights_config {
      query_insights_enabled  = true
      query_plans_per_minute  = local.env.database.query_plans_a_minute
      query_string_length     = 1024
      record_application_tags = true
      record_client_address   = false
    }

    dynamic "database_flags" {
      for_each = local.database_flags

      content {
        name  = database_flags.key
        value = database_flags.value
      }
    }
  }

  deletion_protection = local.env.database.deletion_protection

  depends_on = [google_service_networking_connection.database]
}

resource "google_sql_database" "default" {
  name     = "wallet"
  instance = google_sql_database_instance.default.name
  # A database with open connections cannot be dropped; it goes with its instance.
  deletion_policy = "ABANDON"
}

# The functions' logins. They own nothing and may do nothing until the migration job has granted
# each the one role that deployments.json names.
resource "google_sql_user" "deployments" {
  for_each = local.database_deployments

  name            = trimsuffix(google_service_account.deployments[each.key].email, local.login_suffix)
  instance        = google_sql_database_instance.default.name
  type            = "CLOUD_IAM_SERVICE_ACCOUNT"
  deletion_policy = "ABANDON"
}

# Both roles are needed to log in, and neither can be given on the instance alone (checked 2026-11):
# the first opens the connector's tunnel, the second allows an IAM login.
resource "google_project_iam_member" "database_tunnel" {
  for_each = local.database_deployments

  project = var.project_id
  role    = "roles/cloudsql.client"
  member  = google_service_account.deployments[each.key].member
}

resource "google_project_iam_member" "database_login" {
  for_each = local.database_deployments

  project = var.project_id
  role    = "roles/cloudsql.instanceUser"
  member  = google_service_account.deployments[each.key].member
}
