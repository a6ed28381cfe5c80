# The migration job: `python -m shared.migrate` as a Cloud Run job, run to its end before any
# function of the same apply is changed, so that code never meets an older schema than its own.

locals {
  # Written by `make build`: the names of everything packaged, each with the hash of its content.
  build = jsondecode(file("${path.module}/../build/manifest.json"))

  migrate_image = "${google_artifact_registry_repository.default.registry_uri}/migrate:${local.build.migrate.hash}"

  # Which logins get which group role: the deployments' as their map says, and the operators' job.
  database_logins = merge(
    { for role in distinct([for d in local.database_deployments : d.database_role]) :
    role => [for name, d in local.database_deployments : google_sql_user.deployments[name].name if d.database_role == role] },
    { lite_operator = [google_sql_user.operate.name] },
  )

  migrate_environment = {
    ENVIRONMENT          = var.environment
    GOOGLE_CLOUD_PROJECT = var.project_id
    DATABASE_INSTANCE    = google_sql_database_instance.default.connection_name
    DATABASE_NAME        = google_sql_database.default.name
    DATABASE_USER        = google_sql_user.migrate.name
    DATABASE_POOL_SIZE   = "1"
    DATABASE_SET_ROLE    = "cloudsqlsuperuser" # it has CREATEROLE, and attributes are not inherited by members
    DATABASE_LOGINS      = jsonencode(local.database_logins)
  }
}

resource "google_service_account" "migrate" {
  account_id   = "migrate"
  display_name = "Applies the database's migrations"
}

resource "google_sql_user" "migrate" {
  name            = trimsuffix(google_service_account.migrate.email, local.login_suffix)
  instance        = google_sql_database_instance.default.name
  type            = "CLOUD_IAM_SERVICE_ACCOUNT"
  database_roles  = ["cloudsqlsuperuser"]
  deletion_policy = "ABANDON"
}

resource "google_project_iam_member" "migrate" {
  for_each = toset(["roles/cloudsql.client", "roles/cloudsql.instanceUser"])

  project = var.project_id
  role    = each.key
  member  = google_service_account.migrate.member
}

# Terraform cannot build an image. The name carries the content's hash, so this runs when the SQL or
# the job's own code has changed, and not otherwise.
resource "terraform_data" "migrate_image" {
  triggers_replace = [local.migrate_image]

  provisioner "local-exec" {
    working_dir = "${path.module}/../${local.build.migrate.folder}"
    command     = "gcloud builds submit . --config=cloudbuild.yaml --project=${var.project_id} --region=${var.region} --service-account=${google_service_account.build.id} --gcs-source-staging-dir=gs://${google_storage_bucket.sources.name}/migrate --substitutions=_IMAGE=${local.migrate_image}"
  }

  depends_on = [google_storage_bucket_iam_member.build, google_artifact_registry_repository_iam_member.build, google_project_iam_member.build]
}

resource "google_cloud_run_v2_job" "migrate" {
  name                = "migrate"
  location            = var.region
  deletion_protection = false

  template {
    template {
      service_account = google_service_account.migrate.email
      # Migrations stop rather than queue behind a lock (lock_timeout), so a long one is a mistake.
      timeout = "900s"
      # A migration that failed once is looked at by a person, not tried again.
      max_retries = 0

      containers {
        image   = local.migrate_image
        command = ["python", "-m", "shared.migrate"]

        dynamic "env" {
          for_each = local.migrate_environment

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

  depends_on = [terraform_data.migrate_image, google_project_iam_member.migrate]
}

resource "terraform_data" "migrate" {
  triggers_replace = [local.migrate_image, jsonencode(local.database_logins)]

  provisioner "local-exec" {
    command = "gcloud run jobs execute ${google_cloud_run_v2_job.migrate.name} --wait --project=${var.project_id} --region=${var.region}"
  }
}
