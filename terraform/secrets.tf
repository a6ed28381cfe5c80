# Secrets are created empty here. Their values are made on the deployer's machine by
# `make secrets`, piped into Secret Manager and never seen by Terraform: no state, plan
# or log holds one.

locals {
  secrets = toset(flatten([for d in local.deployments : d.secrets]))

  secret_readers = merge([
    for name, d in local.deployments : { for secret in d.secrets : "${name}/${secret}" => { deployment = name, secret = secret } }
  ]...)
}

resource "google_secret_manager_secret" "default" {
  for_each = local.secrets

  secret_id = each.key
  # A destroyed version can be brought back for a day: a pepper lost is every password lost.
  version_destroy_ttl = "86400s"
  deletion_protection = local.env.keep_data

  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }

  depends_on = [google_project_service.default]
}

resource "google_secret_manager_secret_iam_member" "deployments" {
  for_each = local.secret_readers

  secret_id = google_secret_manager_secret.default[each.value.secret].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.deployments[each.value.deployment].member
}

# A function does not start on a secret without a version. This fills those that are still empty and
# leaves the others alone; it holds names only.
resource "terraform_data" "secrets" {
  triggers_replace = sort(local.secrets)

  provisioner "local-exec" {
    working_dir = "${path.module}/.."
    command     = "make --no-print-directory secrets PROJECT=${var.project_id} CONTACT=${var.alert_email}"
  }

  depends_on = [google_secret_manager_secret.default]
}
