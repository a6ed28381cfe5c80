# Environments are data: what differs between dev and prod stands here and nowhere else.

locals {
  environments = {
    # A dollar a day, most of it the load balancer's: the smallest shared-core database, nothing kept warm, nothing doubled.
    dev = {
      database = {
        tier                 = "db-f1-micro"
        availability         = "ZONAL"
        disk_gib             = 10
        connections_max      = 25 # what a db-f1-micro gives by default; each one costs it ~10 MiB of 600
        backups_kept         = 3
        recovery_days        = 0 # no point-in-time recovery: its write-ahead log would cost more than the data
        maintenance_track    = "canary"
        deletion_protection  = false
        query_plans_a_minute = 0
      }
      instances_cap = 1 # per deployment, whatever deployments.json allows
      pool_cap      = 2
      instances_min = {}
      # A drain that stays awake for its 55 s of every minute costs 37 USD a month; this one ends when nothing waits.
      relay_body       = { until_empty = true }
      rate_limits      = false # a Cloud Armor policy costs 5 USD a month; the functions throttle by themselves
      budget_amount    = 40
      objectives       = { availability = 0.99, latency = 0.95, topup = 0.95, events = 0.95 }
      keep_data        = false
      log_days         = 7
      uptime_period    = "900s"
      firestore_backup = false
      # A dev project has no one on call: alerts exist, so that they are tested, and stay silent.
      alerts_enabled = false
    }

    prod = {
      database = {
        tier                 = "db-custom-2-8192"
        availability         = "REGIONAL"
        disk_gib             = 50
        connections_max      = 400 # Cloud SQL's own figure for 8 GiB
        backups_kept         = 30
        recovery_days        = 7
        maintenance_track    = "stable"
        deletion_protection  = true
        query_plans_a_minute = 5
      }
      instances_cap = 1000 # none: deployments.json decides
      pool_cap      = 1000
      # One warm instance where a person waits with money in hand; a cold start is ~2 s there.
      instances_min = { identity-api = 1, wallet-api = 1, transfers-api = 1, payments-api = 1, payments-callback = 1 }
      # It stays awake for its whole minute, so that an event leaves within a second of its transfer.
      relay_body       = {}
      rate_limits      = true
      budget_amount    = 900
      objectives       = { availability = 0.999, latency = 0.99, topup = 0.99, events = 0.99 }
      keep_data        = true
      log_days         = 90
      uptime_period    = "60s"
      firestore_backup = true
      alerts_enabled   = true
    }
  }

  env = local.environments[var.environment]
}
