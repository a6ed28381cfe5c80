# Where the functions' zips lie and how they become images: one bucket, one repository, one account.

resource "google_storage_bucket" "sources" {
  name                        = "${var.project_id}-sources"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  # Every object can be made again from its commit.
  force_destroy = true

  depends_on = [google_project_service.default]
}

resource "google_artifact_registry_repository" "default" {
  repository_id = "wallet"
  location      = var.region
  format        = "DOCKER"

  # A rollback goes one or two revisions back; ten are kept, and what is older costs storage for nothing.
  cleanup_policies {
    id     = "keep-recent"
    action = "KEEP"

    most_recent_versions {
      keep_count = 10
    }
  }

  cleanup_policies {
    id     = "delete-old"
    action = "DELETE"

    condition {
      older_than = "2592000s"
    }
  }

  depends_on = [google_project_service.default]
}

# 2024-07: new projects have no default build account with rights; name one, with exactly these.
resource "google_service_account" "build" {
  account_id   = "image-build"
  display_name = "Builds images from zips"

  depends_on = [google_project_service.default]
}

resource "google_storage_bucket_iam_member" "build" {
  bucket = google_storage_bucket.sources.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.build.member
}

# 2024-12: a function's zip is copied to a bucket that Google makes at the first build, and the image is
# built from the copy, read as this account. That bucket is not there yet to be granted on; its name is known.
resource "google_project_iam_member" "build_copies" {
  project = var.project_id
  role    = "roles/storage.objectViewer"
  member  = google_service_account.build.member

  condition {
    title      = "copies-of-the-zips"
    expression = "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-\")"
  }
}

resource "google_artifact_registry_repository_iam_member" "build" {
  repository = google_artifact_registry_repository.default.name
  location   = var.region
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.build.member
}

resource "google_project_iam_member" "build" {
  project = var.project_id
  role    = "roles/logging.logWriter"
  member  = google_service_account.build.member
}
