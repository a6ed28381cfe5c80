# Every deployment, from the one map that the local runner and the tests read too.

locals {
  deployments = jsondecode(file("${path.module}/../functions/deployments.json"))

  public_url = "https://${var.domain}"

  # Everything that a name in a deployment's "environment" list can mean here.
  settings = {
    ENVIRONMENT          = var.environment
    GOOGLE_CLOUD_PROJECT = var.project_id
    PUBLIC_URL           = local.public_url
    TOKEN_ISSUER         = local.public_url
    JWKS_URL             = "${local.public_url}/.well-known/jwks.json"
    FIRESTORE_DATABASE   = google_firestore_database.default.name
    BIGQUERY_DATASET     = google_bigquery_dataset.default.dataset_id
    BIGQUERY_LOCATION    = google_bigquery_dataset.default.location
    FORWARDED_HOPS       = "3" # the load balancer writes the caller's address and its own, the gateway one more
    PUSH_AUDIENCE        = local.addresses["notifications-deliver"]
    PUSH_SERVICE_ACCOUNT = google_service_account.push.email
  }

  database_settings = {
    for name, d in local.database_deployments : name => {
      DATABASE_INSTANCE  = google_sql_database_instance.default.connection_name
      DATABASE_NAME      = google_sql_database.default.name
      DATABASE_USER      = google_sql_user.deployments[name].name
      DATABASE_POOL_SIZE = tostring(min(d.pool_size, local.env.pool_cap))
    }
  }

  # Cloud Run's address of a service follows from its name. Using it instead of the function's own
  # attribute lets a function know its address before it exists.
  addresses = { for name in keys(local.deployments) : name => "https://${name}-${data.google_project.default.number}.${var.region}.run.app" }
}

# One account per deployment, not per folder: the public callback holds a key that the signed-in API does not.
resource "google_service_account" "deployments" {
  for_each = local.deployments

  account_id   = each.key
  display_name = "Runs ${each.key}"

  depends_on = [google_project_service.default]
}

# Traces are written by OpenTelemetry; everything else that a function tells the world is a line on stdout.
resource "google_project_iam_member" "traces" {
  for_each = local.deployments

  project = var.project_id
  role    = "roles/telemetry.tracesWriter"
  member  = google_service_account.deployments[each.key].member
}

# Named by content (the hash is part of the file's name): a function is redeployed when its own files change.
resource "google_storage_bucket_object" "functions" {
  for_each = local.build.functions

  name   = basename(each.value)
  bucket = google_storage_bucket.sources.name
  source = "${path.module}/../${each.value}"
}

resource "google_cloudfunctions2_function" "default" {
  for_each = local.deployments

  name        = each.key
  location    = var.region
  description = "functions/${each.value.folder}, entry point ${each.value.entry_point}"

  build_config {
    runtime           = "python313"
    entry_point       = each.value.entry_point
    service_account   = google_service_account.build.id
    docker_repository = google_artifact_registry_repository.default.id

    # 2026-11: the builder compiles our files (compileall), then sets every file's time to one fixed
    # date, which makes a plain .pyc look stale: it would be compiled again on every cold start. With
    # this variable set, Python writes .pyc files that are checked by the source's hash instead.
    environment_variables = { SOURCE_DATE_EPOCH = "315532800" }

    source {
      storage_source {
        bucket = google_storage_bucket.sources.name
        object = google_storage_bucket_object.functions[each.value.folder].name
      }
    }
  }

  service_config {
    service_account_email            = google_service_account.deployments[each.key].email
    available_memory                 = "${each.value.memory_mib}Mi"
    available_cpu                    = each.value.concurrency > 1 ? "1" : "0.5" # more than one request at a time needs a whole CPU
    timeout_seconds                  = each.value.timeout_seconds
    max_instance_request_concurrency = each.value.concurrency
    max_instance_count               = min(each.value.instances_max, local.env.instances_cap)
    min_instance_count               = lookup(local.env.instances_min, each.key, 0)
    # API Gateway, Scheduler and Pub/Sub come from outside the network: IAM is the wall (run.invoker below).
    ingress_settings               = "ALLOW_ALL"
    all_traffic_on_latest_revision = true

    environment_variables = merge(
      { for name in each.value.environment : name => local.settings[name] },
      lookup(local.database_settings, each.key, {}),
      # The server's threads are the instance's concurrency: more would wait for a connection, fewer would idle.
      { THREADS = tostring(each.value.concurrency) },
      # OpenTelemetry's own name for where traces go: Google's OTLP endpoint, as this deployment's account.
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT = "https://telemetry.googleapis.com/v1/traces" },
    )

    dynamic "secret_environment_variables" {
      for_each = toset(each.value.secrets)

      content {
        key        = secret_environment_variables.key
        project_id = var.project_id
        secret     = google_secret_manager_secret.default[secret_environment_variables.key].secret_id
        # Read when an instance starts. A number, so that a rotation is a change that a deployment sees: with
        # the word latest it would plan nothing, and instances that run would keep the ring that they have.
        version = lookup(var.secret_versions, secret_environment_variables.key, "latest")
      }
    }

    direct_vpc_egress = each.value.database_role == null ? null : "VPC_EGRESS_PRIVATE_RANGES_ONLY"

    dynamic "direct_vpc_network_interface" {
      for_each = each.value.database_role == null ? [] : [google_compute_subnetwork.functions]

      content {
        network    = google_compute_network.default.id
        subnetwork = direct_vpc_network_interface.value.id
      }
    }
  }

  depends_on = [
    terraform_data.migrate,
    terraform_data.secrets,
    google_secret_manager_secret_iam_member.deployments,
    google_storage_bucket_iam_member.build,
    google_project_iam_member.build_copies,
    google_artifact_registry_repository_iam_member.build,
    google_project_iam_member.build,
  ]
}

# The callers of each trigger. Nobody else may call a function: there is no allUsers anywhere.
locals {
  invokers = {
    gateway  = google_service_account.gateway.member
    public   = google_service_account.gateway.member # public at the gateway, still not callable past it
    push     = google_service_account.push.member
    schedule = google_service_account.scheduler.member
  }
}

# 2024-03: for functions of the second generation the right lies on the Cloud Run service of the same name.
resource "google_cloud_run_v2_service_iam_member" "invokers" {
  for_each = local.deployments

  name     = google_cloudfunctions2_function.default[each.key].name
  location = var.region
  role     = "roles/run.invoker"
  member   = local.invokers[each.value.trigger]
}
