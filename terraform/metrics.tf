# What the business does, counted from the functions' log lines. A test holds each message and field
# named here to the code that writes it.

locals {
  log_lines = "resource.type=\"cloud_run_revision\" jsonPayload.message"

  # Counters: how often a line stands in the log, by the named fields of it.
  counters = {
    transfers = {
      description = "Transfers that were made."
      filter      = "${local.log_lines}=\"request\" jsonPayload.route=\"/v1/transfers\" jsonPayload.method=\"POST\" jsonPayload.status=201"
      labels      = []
    }
    refusals = {
      description = "Requests that were refused, by reason."
      filter      = "${local.log_lines}=\"request\" jsonPayload.problem!=\"\""
      labels      = ["problem", "route"]
    }
    topups_settled = {
      description = "Top-ups that were credited."
      filter      = "${local.log_lines}=\"top-up settled\""
      labels      = []
    }
    findings = {
      description = "Places where the books disagree and nothing could repair them, by the promise that is broken."
      filter      = "${local.log_lines}=\"books disagree\" severity>=ERROR"
      labels      = ["promise"]
    }
    repairs = {
      description = "Places where the books disagreed and were repaired, by the promise that was broken."
      filter      = "${local.log_lines}=\"books disagree\" severity=WARNING"
      labels      = ["promise"]
    }
    reviews = {
      description = "Top-ups that wait for a person, by the reason."
      filter      = "${local.log_lines}=\"top-up under review\""
      labels      = ["reason"]
    }
    contradictions = {
      description = "Reports of a payment provider that cannot be true beside what we know, by the reason."
      filter      = "${local.log_lines}=\"a provider contradicts us\""
      labels      = ["reason"]
    }
    checks = {
      description = "Runs of the reconciliation that came to their end."
      filter      = "${local.log_lines}=\"reconciliation finished\""
      labels      = []
    }
    schedule_failures = {
      description = "Scheduled calls that were not answered with success."
      filter      = "resource.type=\"cloud_scheduler_job\" severity>=ERROR"
      labels      = []
    }
  }

  # Distributions: how long it took, or how many there are, as the line's own field says.
  distributions = {
    request_milliseconds = {
      description = "Time to answer, inside the function."
      filter      = "${local.log_lines}=\"request\" jsonPayload.duration_ms>=0"
      field       = "duration_ms"
      unit        = "ms"
      labels      = ["route"]
      smallest    = 1
    }
    topup_seconds = {
      description = "From the payer's confirmation to the credit."
      filter      = "${local.log_lines}=\"top-up settled\" jsonPayload.delay_seconds>=0"
      field       = "delay_seconds"
      unit        = "s"
      labels      = []
      smallest    = 0.1
    }
    outbox_age_seconds = {
      description = "Age of the oldest event that still waits after a drain; 0 when none does."
      filter      = "${local.log_lines}=\"outbox drained\" jsonPayload.delay_seconds>=0"
      field       = "delay_seconds"
      unit        = "s"
      labels      = []
      smallest    = 0.1
    }
    outbox_parked = {
      description = "Events that were given up after ten attempts and wait for a person."
      filter      = "${local.log_lines}=\"outbox drained\" jsonPayload.attempts>=0"
      field       = "attempts"
      unit        = "1"
      labels      = []
      smallest    = 1
    }
  }
}

resource "google_logging_metric" "counters" {
  for_each = local.counters

  name             = each.key
  description      = each.value.description
  filter           = each.value.filter
  label_extractors = { for label in each.value.labels : label => "EXTRACT(jsonPayload.${label})" }

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"

    dynamic "labels" {
      for_each = each.value.labels

      content {
        key        = labels.value
        value_type = "STRING"
      }
    }
  }

  depends_on = [google_project_service.default]
}

resource "google_logging_metric" "distributions" {
  for_each = local.distributions

  name             = each.key
  description      = each.value.description
  filter           = each.value.filter
  value_extractor  = "EXTRACT(jsonPayload.${each.value.field})"
  label_extractors = { for label in each.value.labels : label => "EXTRACT(jsonPayload.${label})" }

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = each.value.unit

    dynamic "labels" {
      for_each = each.value.labels

      content {
        key        = labels.value
        value_type = "STRING"
      }
    }
  }

  # Twenty doublings: from a millisecond to a quarter of an hour, from 0.1 s to a day.
  bucket_options {
    exponential_buckets {
      num_finite_buckets = 20
      growth_factor      = 2
      scale              = each.value.smallest
    }
  }

  depends_on = [google_project_service.default]
}

# Lines are kept as long as a question about a payment may come; the default bucket is Google's, only its age is ours.
resource "google_logging_project_bucket_config" "default" {
  project        = var.project_id
  location       = "global"
  bucket_id      = "_Default"
  retention_days = local.env.log_days

  depends_on = [google_project_service.default]
}

# Who read a secret, a row of the database's administration, a person's data by the console.
resource "google_project_iam_audit_config" "default" {
  for_each = toset(["secretmanager.googleapis.com", "cloudsql.googleapis.com", "datastore.googleapis.com"])

  project = var.project_id
  service = each.key

  audit_log_config {
    log_type = "ADMIN_READ"
  }

  # The functions' own reads are logged by the functions; here only secrets are read rarely enough to keep.
  dynamic "audit_log_config" {
    for_each = each.key == "secretmanager.googleapis.com" ? ["DATA_READ"] : []

    content {
      log_type = audit_log_config.value
    }
  }
}
