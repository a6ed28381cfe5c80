variable "project_id" {
  description = "The Google Cloud project, empty and with billing enabled. One project holds one environment."
  type        = string
}

variable "environment" {
  description = "Which column of environments.tf applies: dev (a dollar a day) or prod."
  type        = string

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "environment is dev or prod."
  }
}

variable "region" {
  description = "Everything regional lies here. Jakarta is nearest to the users, and API Gateway is not offered there."
  type        = string
  default     = "asia-southeast2"
}

variable "gateway_region" {
  description = "API Gateway's region: it exists in few, and Tokyo is the nearest to Jakarta that has it."
  type        = string
  default     = "asia-northeast1"
}

variable "domain" {
  description = "The host name of the site, e.g. wallet.example.id. Its A record must point at the output `address`."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)+$", var.domain))
    error_message = "domain is a bare host name in lower case: no scheme, no slash."
  }
}

variable "alert_email" {
  description = "Who is told when an alert fires or the budget is passed."
  type        = string
}

variable "billing_account" {
  description = "The billing account that the budget watches, e.g. 012345-6789AB-CDEF01."
  type        = string
}

variable "budget_rate" {
  description = "Units of the billing account's currency per US dollar, e.g. 16000 for rupiah."
  type        = number
  default     = 1
}

variable "repository" {
  description = "owner/name of the GitHub repository whose workflows may deploy here; empty means none may."
  type        = string
  default     = ""
}

variable "secret_versions" {
  description = "The version of each secret that instances read. `make deploy` gives the newest enabled ones; a secret without one here is read as latest."
  type        = map(string)
  default     = {}
}

variable "paused" {
  description = "Stops the database and the schedules: what is left costs only storage and the load balancer."
  type        = bool
  default     = false
}
