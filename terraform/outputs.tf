output "address" {
  description = "Point the domain's A record here; the certificate follows within the hour."
  value       = google_compute_global_address.site.address
}

output "url" {
  description = "The site and the API."
  value       = local.public_url
}

output "gateway" {
  description = "API Gateway's own host name, for looking past the load balancer."
  value       = google_api_gateway_gateway.default.default_hostname
}

output "database" {
  description = "The database's connection name, for the Cloud SQL proxy."
  value       = google_sql_database_instance.default.connection_name
}

output "delivery_provider" {
  description = "The repository variable WORKLOAD_IDENTITY_PROVIDER of the hosted CI."
  value       = one(values(google_iam_workload_identity_pool_provider.github)[*].name)
}
