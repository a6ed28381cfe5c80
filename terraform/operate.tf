# The operators' job: `python -m shared.operate <action>`, for a person with a runbook in hand. It runs
# only when someone executes it, as a login that may pause the money, give a transfer back, freeze and
# prove an account, end its holder's sessions, retry and replay events, and settle a top-up under review.
# The audit log keeps who did.

locals {
  operate_environment = {
    ENVIRONMENT          = var.environment
    GOOGLE_CLOUD_PROJECT = var.project_id
    DATABASE_INSTANCE    = google_sql_database_instance.default.connection_name
    DATABASE_NAME        = google_sql_database.default.name
    DATABASE_USER        = google_sql_user.operate.name
    DATABASE_POOL_SIZE   = "1"
    FIRESTORE_DATABASE   = google_firestore_database.default.name
  }
}

resource "google_service_account" "operate" {
  account_id   = "operate"
  display_name = "Runs the operators' job"

  depends_on = [google_project_service.default]
}

resource "google_sql_user" "operate" {
  name            = trimsuffix(google_service_account.operate.email, local.login_suffix)
  instance        = google_sql_database_instance.default.name
  type            = "CLOUD_IAM_SERVICE_ACCOUNT"
  deletion_policy = "ABANDON"
}

resource "google_project_iam_member" "operate" {
  # The top-up's document is written when it is settled.
  for_each = toset(["roles/cloudsql.client", "roles/cloudsql.instanceUser", "roles/datastore.user"])

  project = var.project_id
  role    = each.key
  member  = google_service_account.operate.member
}

resource "google_cloud_run_v2_job" "operate" {
  name                = "operate"
  location            = var.region
  deletion_protection = false

  template {
    template {
      service_account = google_service_account.operate.email
      timeout         = "3600s" # verify walks 50,000 entries a second
      max_retries     = 0

      containers {
        image   = local.migrate_image
        command = ["python", "-m", "shared.operate"]
        # What an execution without words of its own does: it looks, and changes nothing.
        args = ["backlog"]

        dynamic "env" {
          for_each = local.operate_environment

          content {
            name  = env.key
            value = env.value
          }
        }
      }

      vpc_access {
        egress = "PRIVATE_RANGES_ONLY"

        network_interfaces {
          network    = google_compute_network.default.id
          subnetwork = google_compute_subnetwork.functions.id
        }
      }
    }
  }

  depends_on = [terraform_data.migrate_image, google_project_iam_member.operate]
}
