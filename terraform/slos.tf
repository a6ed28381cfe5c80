# What the product promises, as service level objectives over 28 days. How good is good enough
# differs by environment (environments.tf); what is measured does not.

locals {
  api_requests = "resource.type=\"https_lb_rule\" resource.label.\"backend_target_name\"=\"${google_compute_backend_service.api.name}\""
  user_metric  = "metric.type=\"logging.googleapis.com/user"

  # Each objective: either a share of good requests, or a share of measurements below a bound.
  objectives = {
    availability = {
      display_name = "The API answers without a fault of its own"
      bad          = "metric.type=\"loadbalancing.googleapis.com/https/request_count\" ${local.api_requests} metric.label.\"response_code_class\"=500"
      total        = "metric.type=\"loadbalancing.googleapis.com/https/request_count\" ${local.api_requests}"
      distribution = null
      max          = null
    }
    latency = {
      display_name = "The API answers within 1 s"
      bad          = null
      total        = null
      distribution = "metric.type=\"loadbalancing.googleapis.com/https/total_latencies\" ${local.api_requests}"
      # 0.3 s of work at most, 0.25 s to the gateway's region and back, and room for one cold start in ten.
      max = 1000
    }
    topup = {
      display_name = "A confirmed top-up is credited within 5 s"
      bad          = null
      total        = null
      distribution = "${local.user_metric}/${google_logging_metric.distributions["topup_seconds"].name}\" resource.type=\"cloud_run_revision\""
      max          = 5
    }
    events = {
      display_name = "No event waits longer than 2 min for the relay"
      bad          = null
      total        = null
      distribution = "${local.user_metric}/${google_logging_metric.distributions["outbox_age_seconds"].name}\" resource.type=\"cloud_run_revision\""
      max          = 120
    }
  }
}

resource "google_monitoring_custom_service" "default" {
  service_id   = "wallet"
  display_name = "E-Wallet Lite"

  depends_on = [google_project_service.default]
}

resource "google_monitoring_slo" "default" {
  for_each = local.objectives

  service             = google_monitoring_custom_service.default.service_id
  slo_id              = each.key
  display_name        = each.value.display_name
  goal                = local.env.objectives[each.key]
  rolling_period_days = 28

  request_based_sli {
    dynamic "good_total_ratio" {
      for_each = each.value.bad == null ? [] : [each.value]

      content {
        bad_service_filter   = good_total_ratio.value.bad
        total_service_filter = good_total_ratio.value.total
      }
    }

    dynamic "distribution_cut" {
      for_each = each.value.distribution == null ? [] : [each.value]

      content {
        distribution_filter = distribution_cut.value.distribution

        range {
          max = distribution_cut.value.max
        }
      }
    }
  }
}
