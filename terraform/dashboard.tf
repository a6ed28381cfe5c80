# One page: is money moving, is anyone turned away, do events flow, do the books agree.

locals {
  sum = { perSeriesAligner = "ALIGN_RATE", crossSeriesReducer = "REDUCE_SUM" }
  p95 = { perSeriesAligner = "ALIGN_PERCENTILE_95", crossSeriesReducer = "REDUCE_MAX" }
  max = { perSeriesAligner = "ALIGN_MAX", crossSeriesReducer = "REDUCE_MAX" }

  charts = [
    { title = "Transfers a second", filter = "${local.user_metric}/transfers\" ${local.run}", by = [], how = local.sum },
    { title = "Top-ups a second", filter = "${local.user_metric}/topups_settled\" ${local.run}", by = [], how = local.sum },
    { title = "Refusals by reason", filter = "${local.user_metric}/refusals\" ${local.run}", by = ["metric.label.problem"], how = local.sum },
    { title = "Answer time by route, ms (p95)", filter = "${local.user_metric}/request_milliseconds\" ${local.run}", by = ["metric.label.route"], how = local.p95 },
    { title = "Confirmed to credited, s (p95)", filter = "${local.user_metric}/topup_seconds\" ${local.run}", by = [], how = local.p95 },
    { title = "Oldest event in the outbox, s", filter = "${local.user_metric}/outbox_age_seconds\" ${local.run}", by = [], how = local.p95 },
    { title = "Oldest message by subscription, s", filter = "metric.type=\"pubsub.googleapis.com/subscription/oldest_unacked_message_age\" resource.type=\"pubsub_subscription\"", by = ["resource.label.subscription_id"], how = local.max },
    { title = "Findings of the reconciliation", filter = "${local.user_metric}/findings\" ${local.run}", by = ["metric.label.promise"], how = local.sum },
    { title = "Repairs of the reconciliation", filter = "${local.user_metric}/repairs\" ${local.run}", by = ["metric.label.promise"], how = local.sum },
    { title = "Top-ups for review", filter = "${local.user_metric}/reviews\" ${local.run}", by = ["metric.label.reason"], how = local.sum },
    { title = "Events given up", filter = "${local.user_metric}/outbox_parked\" ${local.run}", by = [], how = local.p95 },
    { title = "Instances by deployment", filter = "metric.type=\"run.googleapis.com/container/instance_count\" ${local.run}", by = ["resource.label.service_name"], how = { perSeriesAligner = "ALIGN_MAX", crossSeriesReducer = "REDUCE_SUM" } },
    { title = "Database connections", filter = "metric.type=\"cloudsql.googleapis.com/database/postgresql/num_backends\" ${local.database}", by = [], how = { perSeriesAligner = "ALIGN_MAX", crossSeriesReducer = "REDUCE_SUM" } },
    { title = "Database CPU", filter = "metric.type=\"cloudsql.googleapis.com/database/cpu/utilization\" ${local.database}", by = [], how = local.max },
    { title = "Database disk", filter = "metric.type=\"cloudsql.googleapis.com/database/disk/utilization\" ${local.database}", by = [], how = local.max },
  ]
}

resource "google_monitoring_dashboard" "default" {
  dashboard_json = jsonencode({
    displayName = "E-Wallet Lite"
    mosaicLayout = {
      columns = 12
      tiles = [
        for position, chart in local.charts : {
          xPos   = (position % 3) * 4
          yPos   = floor(position / 3) * 4
          width  = 4
          height = 4
          widget = {
            title = chart.title
            xyChart = {
              dataSets = [{
                plotType = "LINE"
                timeSeriesQuery = {
                  timeSeriesFilter = {
                    filter      = chart.filter
                    aggregation = merge(chart.how, { alignmentPeriod = "60s", groupByFields = chart.by })
                  }
                }
              }]
            }
          }
        }
      ]
    }
  })

  depends_on = [google_logging_metric.counters, google_logging_metric.distributions]
}
