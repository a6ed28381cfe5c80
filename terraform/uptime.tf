# Looks from outside, as a customer would: the page, the API's public keys (gateway and identity), and
# a route that must refuse strangers.

locals {
  looks = {
    site    = { path = "/", status = 200, content = "E-Wallet Lite" }
    keys    = { path = "/.well-known/jwks.json", status = 200, content = "\"keys\"" }
    refusal = { path = "/v1/wallet", status = 401, content = null }
  }
}

resource "google_monitoring_uptime_check_config" "default" {
  for_each = local.looks

  display_name = "wallet-${each.key}"
  timeout      = "10s"
  period       = local.env.uptime_period

  http_check {
    path         = each.value.path
    port         = 443
    use_ssl      = true
    validate_ssl = true

    accepted_response_status_codes {
      status_value = each.value.status
    }
  }

  monitored_resource {
    type   = "uptime_url"
    labels = { project_id = var.project_id, host = var.domain }
  }

  dynamic "content_matchers" {
    for_each = each.value.content == null ? [] : [each.value.content]

    content {
      content = content_matchers.value
    }
  }

  depends_on = [google_project_service.default]
}
