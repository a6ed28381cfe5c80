# Rate limits at the edge, per address: they keep a flood away from the bill and from bcrypt. The
# functions' own throttles (per user, per account, per secret) stand behind them.

locals {
  # Many people of one village share one address (CGNAT), so the numbers are far above one person's
  # use: an app that is looked at asks 44 times a minute (the wallet every 1.5 s, the bell every 15 s),
  # and 60 times more while a QR waits. 6,000 a minute, 100 a second, are some 130 such apps.
  rate_limits = {
    secrets = {
      priority    = 100
      description = "Registering and signing in: each costs a bcrypt hash, 0.24 s of CPU."
      expression  = "request.path.matches('^/v1/(users|sessions)$') && request.method == 'POST'"
      count       = 60
    }
    proofs = {
      priority    = 110
      description = "PIN proofs: one per transfer."
      expression  = "request.path == '/v1/pin/proofs'"
      count       = 120
    }
    everything = {
      priority    = 1000
      description = "All of the API."
      expression  = "request.path.startsWith('/v1/')"
      count       = 6000
    }
  }
}

resource "google_compute_security_policy" "api" {
  count = local.env.rate_limits ? 1 : 0

  name = "api"

  dynamic "rule" {
    for_each = local.rate_limits

    content {
      action      = "throttle"
      priority    = rule.value.priority
      description = rule.value.description

      match {
        expr {
          expression = rule.value.expression
        }
      }

      rate_limit_options {
        conform_action = "allow"
        exceed_action  = "deny(429)"
        enforce_on_key = "IP"

        rate_limit_threshold {
          count        = rule.value.count
          interval_sec = 60
        }
      }
    }
  }

  # The API refuses a policy without its default rule.
  rule {
    action      = "allow"
    priority    = 2147483647
    description = "Everyone else."

    match {
      versioned_expr = "SRC_IPS_V1"

      config {
        src_ip_ranges = ["*"]
      }
    }
  }

  depends_on = [google_project_service.default]
}
