# Tells a person when the month's bill passes half, all, or is foreseen to pass what was planned.

resource "google_billing_budget" "default" {
  billing_account = var.billing_account
  display_name    = "E-Wallet Lite ${var.environment}"

  budget_filter {
    projects = ["projects/${data.google_project.default.number}"]
  }

  # In the billing account's own currency, which the API will not convert: budget_amount is written in
  # USD, and whoever pays in another currency sets budget_rate.
  amount {
    specified_amount {
      # Whole units: the API takes an int64, and 40 × 0.92 euro would be "36.8".
      units = tostring(floor(local.env.budget_amount * var.budget_rate))
    }
  }

  threshold_rules {
    threshold_percent = 0.5
  }

  threshold_rules {
    threshold_percent = 1.0
  }

  threshold_rules {
    threshold_percent = 1.2
    spend_basis       = "FORECASTED_SPEND"
  }

  all_updates_rule {
    monitoring_notification_channels = [google_monitoring_notification_channel.email.id]
  }
}
