# Each alert wakes a person for a reason, and brings its page: the runbook of the same name stands
# in the alert itself. A test holds the pages and the names together.

locals {
  runbooks = "${path.module}/../docs/runbooks"

  # An objective burns fast: at this pace the budget of 28 days is gone in two days (14 × one hour)
  # or five (6 × six hours). The numbers are the SRE workbook's, for one page and one ticket.
  burns = {
    fast = { window = "3600s", pace = 14, severity = "CRITICAL" }
    slow = { window = "21600s", pace = 6, severity = "WARNING" }
  }

  burn_pages = { availability = "api-errors", latency = "api-slow", topup = "topups-slow", events = "outbox-stuck" }

  burn_alerts = merge([
    for objective, page in local.burn_pages : {
      for speed, burn in local.burns : "${page}-${speed}" => {
        page       = page
        severity   = burn.severity
        display    = "${local.objectives[objective].display_name}: its budget burns ${speed}"
        filter     = "select_slo_burn_rate(\"${google_monitoring_slo.default[objective].id}\", \"${burn.window}\")"
        comparison = "COMPARISON_GT"
        threshold  = burn.pace
        duration   = "0s"
        aligner    = null
        reducer    = null
        period     = null
      }
    }
  ]...)

  run      = "resource.type=\"cloud_run_revision\""
  database = "resource.type=\"cloudsql_database\""

  threshold_alerts = {
    books-disagree = {
      severity = "CRITICAL", display = "The books disagree", threshold = 0, duration = "0s"
      filter   = "${local.user_metric}/${google_logging_metric.counters["findings"].name}\" ${local.run}"
      aligner  = "ALIGN_SUM", reducer = "REDUCE_SUM", period = "300s", comparison = "COMPARISON_GT"
    }
    topups-review = {
      severity = "WARNING", display = "A top-up waits for a person", threshold = 0, duration = "0s"
      filter   = "${local.user_metric}/${google_logging_metric.counters["reviews"].name}\" ${local.run}"
      aligner  = "ALIGN_SUM", reducer = "REDUCE_SUM", period = "300s", comparison = "COMPARISON_GT"
    }
    provider-contradicts = {
      severity = "WARNING", display = "A provider contradicts us", threshold = 0, duration = "0s", page = "topups-review"
      filter   = "${local.user_metric}/${google_logging_metric.counters["contradictions"].name}\" ${local.run}"
      aligner  = "ALIGN_SUM", reducer = "REDUCE_SUM", period = "300s", comparison = "COMPARISON_GT"
    }
    checks-missing = {
      # Twelve passes an hour are due; none for an hour means that nobody looks.
      severity = "CRITICAL", display = "The reconciliation does not run", threshold = 1, duration = "600s"
      filter   = "${local.user_metric}/${google_logging_metric.counters["checks"].name}\" ${local.run}"
      aligner  = "ALIGN_SUM", reducer = "REDUCE_SUM", period = "3600s", comparison = "COMPARISON_LT"
    }
    events-parked = {
      severity = "CRITICAL", display = "Events were given up by the relay", threshold = 0, duration = "0s"
      filter   = "${local.user_metric}/${google_logging_metric.distributions["outbox_parked"].name}\" ${local.run}"
      aligner  = "ALIGN_PERCENTILE_99", reducer = "REDUCE_MAX", period = "300s", comparison = "COMPARISON_GT"
    }
    dead-letters = {
      severity = "CRITICAL", display = "Events lie in the dead letters", threshold = 0, duration = "0s"
      filter   = "metric.type=\"pubsub.googleapis.com/subscription/num_undelivered_messages\" resource.type=\"pubsub_subscription\" resource.label.\"subscription_id\"=monitoring.regex.full_match(\".*-dead-letters\")"
      aligner  = "ALIGN_MAX", reducer = "REDUCE_SUM", period = "300s", comparison = "COMPARISON_GT"
    }
    events-undelivered = {
      severity = "WARNING", display = "Events are published and not taken", threshold = 600, duration = "300s"
      filter   = "metric.type=\"pubsub.googleapis.com/subscription/oldest_unacked_message_age\" resource.type=\"pubsub_subscription\" resource.label.\"subscription_id\"!=monitoring.regex.full_match(\".*-dead-letters\")"
      aligner  = "ALIGN_MAX", reducer = "REDUCE_MAX", period = "60s", comparison = "COMPARISON_GT"
    }
    money-paused = {
      severity = "WARNING", display = "Money routes are paused", threshold = 0, duration = "0s"
      filter   = "${local.user_metric}/${google_logging_metric.counters["refusals"].name}\" ${local.run} metric.label.\"problem\"=\"paused\""
      aligner  = "ALIGN_SUM", reducer = "REDUCE_SUM", period = "300s", comparison = "COMPARISON_GT"
    }
    secrets-guessed = {
      # A thousand wrong secrets in five minutes is no crowd of forgetful people.
      severity = "WARNING", display = "Someone guesses passwords or PINs", threshold = 1000, duration = "0s"
      filter   = "${local.user_metric}/${google_logging_metric.counters["refusals"].name}\" ${local.run} metric.label.\"problem\"=one_of(\"credentials-invalid\",\"pin-incorrect\",\"too-many-attempts\",\"pin-locked\")"
      aligner  = "ALIGN_SUM", reducer = "REDUCE_SUM", period = "300s", comparison = "COMPARISON_GT"
    }
    schedule-failed = {
      # One missed minute is a deployment; three in a quarter of an hour are a fault.
      severity = "WARNING", display = "Scheduled calls fail", threshold = 3, duration = "0s"
      filter   = "${local.user_metric}/${google_logging_metric.counters["schedule_failures"].name}\" resource.type=\"cloud_scheduler_job\""
      aligner  = "ALIGN_SUM", reducer = "REDUCE_SUM", period = "900s", comparison = "COMPARISON_GT"
    }
    database-down = {
      severity = "CRITICAL", display = "The database does not answer", threshold = 1, duration = "120s"
      filter   = "metric.type=\"cloudsql.googleapis.com/database/up\" ${local.database}"
      aligner  = "ALIGN_MAX", reducer = "REDUCE_MIN", period = "60s", comparison = "COMPARISON_LT"
    }
    database-connections = {
      # The deployments together may take 80 % (a test); beyond it something else holds connections.
      severity = "WARNING", display = "The database's connections run out", threshold = floor(local.env.database.connections_max * 0.85), duration = "300s"
      filter   = "metric.type=\"cloudsql.googleapis.com/database/postgresql/num_backends\" ${local.database}"
      aligner  = "ALIGN_MAX", reducer = "REDUCE_SUM", period = "60s", comparison = "COMPARISON_GT"
    }
    database-disk = {
      severity = "WARNING", display = "The database's disk fills", threshold = 0.8, duration = "900s"
      filter   = "metric.type=\"cloudsql.googleapis.com/database/disk/utilization\" ${local.database}"
      aligner  = "ALIGN_MEAN", reducer = "REDUCE_MAX", period = "300s", comparison = "COMPARISON_GT"
    }
    database-busy = {
      severity = "WARNING", display = "The database's CPU is full", threshold = 0.8, duration = "900s"
      filter   = "metric.type=\"cloudsql.googleapis.com/database/cpu/utilization\" ${local.database}"
      aligner  = "ALIGN_MEAN", reducer = "REDUCE_MAX", period = "60s", comparison = "COMPARISON_GT"
    }
    site-unreachable = {
      severity = "CRITICAL", display = "The site or the API cannot be reached", threshold = 1, duration = "120s"
      filter   = "metric.type=\"monitoring.googleapis.com/uptime_check/check_passed\" resource.type=\"uptime_url\""
      aligner  = "ALIGN_NEXT_OLDER", reducer = "REDUCE_COUNT_FALSE", period = "300s", comparison = "COMPARISON_GT"
    }
  }

  alerts = merge(local.burn_alerts, { for name, alert in local.threshold_alerts : name => merge({ page = name }, alert) })
}

resource "google_monitoring_notification_channel" "email" {
  display_name = "On call"
  type         = "email"
  labels       = { email_address = var.alert_email }

  depends_on = [google_project_service.default]
}

# 2025-01: a log-based metric is known to alerting only some seconds after it was made. Where the
# first apply says "cannot find metric", the second finds it.
resource "google_monitoring_alert_policy" "default" {
  for_each = local.alerts

  display_name          = each.value.display
  combiner              = "OR"
  severity              = each.value.severity
  enabled               = local.env.alerts_enabled && !var.paused
  notification_channels = [google_monitoring_notification_channel.email.id]

  conditions {
    display_name = each.value.display

    condition_threshold {
      filter          = each.value.filter
      comparison      = each.value.comparison
      threshold_value = each.value.threshold
      duration        = each.value.duration
      # Silence counts as fine, except where silence is the fault.
      evaluation_missing_data = each.value.duration == "0s" ? null : (each.value.comparison == "COMPARISON_LT" ? "EVALUATION_MISSING_DATA_ACTIVE" : "EVALUATION_MISSING_DATA_INACTIVE")

      dynamic "aggregations" {
        for_each = each.value.aligner == null ? [] : [each.value]

        content {
          alignment_period     = aggregations.value.period
          per_series_aligner   = aggregations.value.aligner
          cross_series_reducer = aggregations.value.reducer
        }
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    subject   = each.value.display
    content   = file("${local.runbooks}/${each.value.page}.md")
  }

  alert_strategy {
    auto_close = "86400s"
  }
}
