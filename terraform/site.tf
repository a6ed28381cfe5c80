# One origin for the site and the API: load balancer → bucket, and /v1/* → API Gateway.
# The session cookie's __Host- prefix needs exactly this. Headers, pages and caching come from
# web/site.json, which the local gateway reads too.

locals {
  site      = jsondecode(file("${path.module}/../web/site.json"))
  site_root = "${path.module}/../web/dist"
  # The load balancer compresses by itself; the .br and .gz copies are for servers that do not.
  site_files = toset([for name in fileset(local.site_root, "**") : name if !can(regex("\\.(br|gz)$", name))])

  content_types = {
    css         = "text/css; charset=utf-8"
    html        = "text/html; charset=utf-8"
    ico         = "image/x-icon"
    js          = "text/javascript; charset=utf-8"
    json        = "application/json"
    png         = "image/png"
    svg         = "image/svg+xml"
    txt         = "text/plain; charset=utf-8"
    webmanifest = "application/manifest+json"
    woff2       = "font/woff2"
    yaml        = "application/yaml"
  }

  # The app's own pages, as the load balancer writes patterns: "/tx/*" is "/tx/{page=**}". All of
  # them are answered with index.html; "/" needs no rule (the bucket's main page), and an address
  # that is none of them gets index.html as well, but with an honest 404 (the bucket's error page).
  pages = [for route in local.site.routes : replace(route, "/*", "/{page=**}") if route != "/"]

  security_headers = [for name, value in local.site.security_headers : "${name}: ${value}"]
}

resource "google_storage_bucket" "site" {
  name                        = "${var.project_id}-site"
  location                    = var.region
  uniform_bucket_level_access = true
  force_destroy               = true

  website {
    main_page_suffix = "index.html"
    not_found_page   = "index.html"
  }

  depends_on = [google_project_service.default]
}

# The site is public, and a backend bucket has no identity of its own: reading objects, not listing them.
resource "google_storage_bucket_iam_member" "site" {
  bucket = google_storage_bucket.site.name
  role   = "roles/storage.legacyObjectReader"
  member = "allUsers"
}

resource "google_storage_bucket_object" "site" {
  for_each = local.site_files

  name          = each.key
  bucket        = google_storage_bucket.site.name
  source        = "${local.site_root}/${each.key}"
  content_type  = local.content_types[lower(reverse(split(".", each.key))[0])]
  cache_control = startswith(each.key, "assets/") ? local.site.cache_control["/assets/*"] : local.site.cache_control["*"]
  # A page that was opened before a deployment still asks for the assets it was built with.
  deletion_policy = startswith(each.key, "assets/") ? "ABANDON" : "DELETE"
}

resource "google_compute_backend_bucket" "site" {
  name                    = "site"
  bucket_name             = google_storage_bucket.site.name
  enable_cdn              = true
  compression_mode        = "AUTOMATIC"
  custom_response_headers = local.security_headers

  cdn_policy {
    # Caches what cache_control allows and asks again for the rest, so a deployment shows at once.
    cache_mode = "USE_ORIGIN_HEADERS"
  }
}

resource "google_compute_region_network_endpoint_group" "api" {
  provider = google-beta

  name                  = "api"
  region                = var.gateway_region
  network_endpoint_type = "SERVERLESS"

  serverless_deployment {
    platform = "apigateway.googleapis.com"
    resource = google_api_gateway_gateway.default.gateway_id
  }
}

resource "google_compute_backend_service" "api" {
  name                    = "api"
  protocol                = "HTTPS"
  load_balancing_scheme   = "EXTERNAL_MANAGED"
  security_policy         = one(google_compute_security_policy.api[*].id)
  custom_response_headers = local.security_headers

  backend {
    group = google_compute_region_network_endpoint_group.api.id
  }

  log_config {
    enable = true
    # The functions log every request themselves; this keeps a tenth for what never reaches them.
    sample_rate = 0.1
  }
}

resource "google_compute_url_map" "default" {
  name            = "wallet"
  default_service = google_compute_backend_bucket.site.id

  host_rule {
    hosts        = [var.domain]
    path_matcher = "wallet"
  }

  path_matcher {
    name            = "wallet"
    default_service = google_compute_backend_bucket.site.id

    route_rules {
      priority = 1
      service  = google_compute_backend_service.api.id

      match_rules {
        prefix_match = "/v1/"
      }

      match_rules {
        prefix_match = "/.well-known/jwks.json"
      }
    }

    dynamic "route_rules" {
      for_each = { for position, page in local.pages : position + 10 => page }

      content {
        priority = route_rules.key
        service  = google_compute_backend_bucket.site.id

        match_rules {
          path_template_match = route_rules.value
        }

        route_action {
          url_rewrite {
            path_template_rewrite = "/index.html"
          }
        }
      }
    }
  }
}

resource "google_compute_managed_ssl_certificate" "default" {
  # A certificate cannot be changed; the name follows the domain so that both exist for a while.
  name = "wallet-${substr(sha256(var.domain), 0, 8)}"

  managed {
    domains = [var.domain]
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [google_project_service.default]
}

resource "google_compute_ssl_policy" "default" {
  name            = "modern"
  profile         = "MODERN"
  min_tls_version = "TLS_1_2"

  depends_on = [google_project_service.default]
}

resource "google_compute_global_address" "site" {
  name = "site"

  depends_on = [google_project_service.default]
}

resource "google_compute_target_https_proxy" "default" {
  name             = "wallet"
  url_map          = google_compute_url_map.default.id
  ssl_certificates = [google_compute_managed_ssl_certificate.default.id]
  ssl_policy       = google_compute_ssl_policy.default.id
}

resource "google_compute_global_forwarding_rule" "https" {
  name                  = "https"
  target                = google_compute_target_https_proxy.default.id
  ip_address            = google_compute_global_address.site.id
  port_range            = "443"
  load_balancing_scheme = "EXTERNAL_MANAGED"
}

# Plain HTTP is answered with the same address under HTTPS and nothing else.
resource "google_compute_url_map" "redirect" {
  name = "redirect"

  default_url_redirect {
    https_redirect         = true
    redirect_response_code = "MOVED_PERMANENTLY_DEFAULT"
    strip_query            = false
  }

  depends_on = [google_project_service.default]
}

resource "google_compute_target_http_proxy" "redirect" {
  name    = "redirect"
  url_map = google_compute_url_map.redirect.id
}

resource "google_compute_global_forwarding_rule" "http" {
  name                  = "http"
  target                = google_compute_target_http_proxy.redirect.id
  ip_address            = google_compute_global_address.site.id
  port_range            = "80"
  load_balancing_scheme = "EXTERNAL_MANAGED"
}
