terraform {
  required_version = ">= 1.11, < 2.0"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 8.0, < 9.0"
    }
    google-beta = {
      source  = "hashicorp/google-beta"
      version = ">= 8.0, < 9.0"
    }
  }

  # The bucket and prefix are given at init (`make deploy` does it): one state per project, in the
  # project's own bucket, versioned. docs/deploy.md shows the command.
  backend "gcs" {}
}

provider "google" {
  project               = var.project_id
  region                = var.region
  user_project_override = true
  # Budgets are billed to the caller's project; without this the billing API refuses user accounts.
  billing_project = var.project_id
  default_labels  = { system = "e-wallet-lite", environment = var.environment }
}

provider "google-beta" {
  project               = var.project_id
  region                = var.region
  user_project_override = true
  billing_project       = var.project_id
  default_labels        = { system = "e-wallet-lite", environment = var.environment }
}

data "google_project" "default" {
  project_id = var.project_id
}
