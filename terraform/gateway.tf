# API Gateway, from the very openapi.yaml that the local gateway, the web client and the tests read.
# Only what differs by environment is put in: addresses, audiences, issuer and keys.

# 2026-11: yamldecode reads an unquoted y, on or no as a boolean, even as a key; openapi.yaml quotes
# them, and a test compares what comes out with what PyYAML sees.
locals {
  openapi        = yamldecode(file("${path.module}/../openapi.yaml"))
  api_management = local.openapi["x-google-api-management"]
  access_token   = local.openapi.components.securitySchemes.accessToken

  backends = {
    for name, backend in local.api_management.backends : name => merge(backend, {
      address     = google_cloudfunctions2_function.default[name].service_config[0].uri
      jwtAudience = google_cloudfunctions2_function.default[name].service_config[0].uri
    })
  }

  gateway_document = jsonencode(merge(local.openapi, {
    "x-google-api-management" = merge(local.api_management, { backends = local.backends })
    components = merge(local.openapi.components, {
      securitySchemes = merge(local.openapi.components.securitySchemes, {
        accessToken = merge(local.access_token, {
          "x-google-auth" = merge(local.access_token["x-google-auth"], {
            issuer  = local.settings.TOKEN_ISSUER
            jwksUri = local.settings.JWKS_URL
          })
        })
      })
    })
  }))
}

resource "google_service_account" "gateway" {
  account_id   = "gateway"
  display_name = "API Gateway calls the functions as this"

  depends_on = [google_project_service.default]
}

resource "google_api_gateway_api" "default" {
  provider = google-beta

  api_id = "wallet"

  depends_on = [google_project_service.default]
}

# A config cannot be changed, only replaced: its name carries the document's hash, and the new one
# stands before the gateway lets go of the old.
resource "google_api_gateway_api_config" "default" {
  provider = google-beta

  api           = google_api_gateway_api.default.api_id
  api_config_id = "wallet-${substr(sha256(local.gateway_document), 0, 12)}"

  openapi_documents {
    document {
      path     = "openapi.json"
      contents = base64encode(local.gateway_document)
    }
  }

  gateway_config {
    backend_config {
      google_service_account = google_service_account.gateway.email
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_api_gateway_gateway" "default" {
  provider = google-beta

  gateway_id = "wallet"
  region     = var.gateway_region
  api_config = google_api_gateway_api_config.default.id
}

# The gateway's API must be switched on in this project before it answers: it checks itself.
resource "google_project_service" "gateway" {
  service            = google_api_gateway_api.default.managed_service
  disable_on_destroy = false

  depends_on = [google_api_gateway_api_config.default]
}
