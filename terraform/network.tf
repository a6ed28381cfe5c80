# One private network: the functions reach Postgres over it and nothing else. Google's APIs are
# reached by the functions' own egress, which stays outside the network (PRIVATE_RANGES_ONLY).

resource "google_compute_network" "default" {
  name                    = "wallet"
  auto_create_subnetworks = false

  depends_on = [google_project_service.default]
}

resource "google_compute_subnetwork" "functions" {
  name    = "functions"
  network = google_compute_network.default.id
  region  = var.region
  # Direct VPC egress takes up to two addresses per instance and keeps them ~20 minutes after its
  # end: a /22 holds our largest sum of instances (56, of which 52 reach the database) through several deployments in a row.
  ip_cidr_range            = "10.10.0.0/22"
  private_ip_google_access = true
}

# Postgres listens in Google's network, peered to ours through this range.
resource "google_compute_global_address" "database" {
  name          = "database"
  purpose       = "VPC_PEERING"
  address_type  = "INTERNAL"
  prefix_length = 20
  network       = google_compute_network.default.id
}

resource "google_service_networking_connection" "database" {
  network                 = google_compute_network.default.id
  service                 = "servicenetworking.googleapis.com"
  reserved_peering_ranges = [google_compute_global_address.database.name]
  # 2025-03: deleting the peering fails for hours after the last database is gone; let it lie.
  deletion_policy = "ABANDON"
}
