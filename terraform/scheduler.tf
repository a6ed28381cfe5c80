# Cloud Scheduler calls the deployments whose trigger is a schedule, each as often as
# deployments.json says. The local stand-in reads the same lines.

locals {
  # What an environment asks of a deployment beside the line's own body.
  schedule_bodies = { relay-drain = local.env.relay_body }

  schedules = merge([
    for name, d in local.deployments : {
      for schedule in coalesce(d.schedule, []) : "${name}-${schedule.name}" => merge(schedule, {
        deployment      = name
        timeout_seconds = d.timeout_seconds
        body            = merge(schedule.body, lookup(local.schedule_bodies, name, {}))
      })
    }
  ]...)
}

resource "google_service_account" "scheduler" {
  account_id   = "scheduler"
  display_name = "Cloud Scheduler calls the functions as this"

  depends_on = [google_project_service.default]
}

resource "google_cloud_scheduler_job" "default" {
  for_each = local.schedules

  name             = each.key
  region           = var.region
  schedule         = each.value.cron
  time_zone        = each.value.time_zone
  attempt_deadline = "${each.value.timeout_seconds}s"
  paused           = var.paused

  http_target {
    uri         = google_cloudfunctions2_function.default[each.value.deployment].service_config[0].uri
    http_method = "POST"
    headers     = { "Content-Type" = "application/json" }
    body        = base64encode(jsonencode(each.value.body))

    oidc_token {
      service_account_email = google_service_account.scheduler.email
      audience              = google_cloudfunctions2_function.default[each.value.deployment].service_config[0].uri
    }
  }

  # No retry: two at once would only wait for each other, and the next tick does what this one has left.
  # It is a minute away for the relay, five for the repair pass, and a day for the nightly one, which
  # begins where the last that agreed has ended.
  retry_config {
    retry_count = 0
  }

  depends_on = [google_cloud_run_v2_service_iam_member.invokers]
}
