# The hosted CI deploys without a key: GitHub's token is exchanged for this account's, and only the
# named repository's protected environment may do it.

locals {
  delivery = var.repository == "" ? {} : { default = var.repository }

  # What `make deploy` touches, service by service. There is no owner, editor or project IAM admin:
  # who may do what is changed by a person (docs/deploy.md, "Rights").
  delivery_roles = toset([
    "roles/apigateway.admin",
    "roles/artifactregistry.repoAdmin",
    "roles/bigquery.dataOwner",
    # Looks at the scheduled query; to change one, bigquery.transfers.update comes only with bigquery.admin.
    "roles/bigquery.user",
    "roles/cloudbuild.builds.editor",
    "roles/cloudfunctions.developer",
    "roles/cloudscheduler.admin",
    "roles/compute.loadBalancerAdmin",
    "roles/compute.securityAdmin",
    "roles/datastore.backupSchedulesViewer",
    "roles/datastore.indexAdmin",
    "roles/cloudsql.viewer",
    "roles/compute.networkUser",
    "roles/firebaserules.admin",
    "roles/iam.securityReviewer",
    # The reviewer reads policies; the pool and its provider themselves are read with this.
    "roles/iam.workloadIdentityPoolViewer",
    "roles/logging.configWriter",
    "roles/monitoring.editor",
    "roles/pubsub.editor",
    "roles/run.developer",
    "roles/secretmanager.viewer",
    "roles/serviceusage.serviceUsageConsumer",
    # Terraform looks at each bucket before it writes into one; objectAdmin does not show the bucket itself.
    "roles/storage.bucketViewer",
    "roles/storage.objectAdmin",
  ])
}

resource "google_iam_workload_identity_pool" "github" {
  for_each = local.delivery

  workload_identity_pool_id = "github"
  display_name              = "GitHub Actions"

  depends_on = [google_project_service.default]
}

resource "google_iam_workload_identity_pool_provider" "github" {
  for_each = local.delivery

  workload_identity_pool_id          = google_iam_workload_identity_pool.github[each.key].workload_identity_pool_id
  workload_identity_pool_provider_id = "github"

  # Without this line every repository of the world could ask. The subject of a job that names an
  # environment is exactly this; GitHub lets a job name one only where its protection rules pass.
  attribute_condition = "assertion.sub == 'repo:${each.value}:environment:${var.environment}'"

  attribute_mapping = {
    "google.subject"       = "assertion.sub"
    "attribute.repository" = "assertion.repository"
  }

  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

resource "google_service_account" "delivery" {
  for_each = local.delivery

  account_id   = "delivery"
  display_name = "Deploys from the hosted CI"

  depends_on = [google_project_service.default]
}

resource "google_service_account_iam_member" "delivery" {
  for_each = local.delivery

  service_account_id = google_service_account.delivery[each.key].name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.github[each.key].name}/attribute.repository/${each.value}"
}

resource "google_project_iam_member" "delivery" {
  for_each = length(local.delivery) == 0 ? toset([]) : local.delivery_roles

  project = var.project_id
  role    = each.key
  member  = google_service_account.delivery["default"].member
}

# A deployer must be allowed to hand these accounts to what it deploys: each by name, not all of the project's.
resource "google_service_account_iam_member" "delivery_hands_over" {
  for_each = length(local.delivery) == 0 ? {} : merge(
    { for name, account in google_service_account.deployments : name => account.name },
    {
      build     = google_service_account.build.name
      gateway   = google_service_account.gateway.name
      migrate   = google_service_account.migrate.name
      operate   = google_service_account.operate.name
      push      = google_service_account.push.name
      scheduler = google_service_account.scheduler.name
      warehouse = google_service_account.warehouse.name
    },
  )

  service_account_id = each.value
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.delivery["default"].member
}
