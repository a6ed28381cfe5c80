"""The stage of the benchmark: a durable Postgres of its own, people to pay, and pgbench as the client."""

import os
import subprocess
from pathlib import Path

from pg8000.native import Connection

from emulators import environment, postgres
from emulators.postgres import Postgres

HERE = Path(__file__).resolve().parent
PEOPLE = 1_000
PASSWORD = "bench"
# Both sides run with these; fsync and synchronous_commit stay on, as they are by default. Checkpoints are
# kept out of the short runs, and the buffers hold what a small Cloud SQL instance would hold.
SETTINGS = {"shared_buffers": "2GB", "max_wal_size": "16GB", "checkpoint_timeout": "1h", "jit": "off"}
SLOW_COMMIT = {"commit_delay": 2000, "commit_siblings": 0}

BENCH_PEOPLE = """
INSERT INTO ledger.tiers VALUES ('bench', 1000000000000, 1000000000000000, 1000000000000000, 1, 1000000000, 5, NULL);
INSERT INTO ledger.accounts (id, number, user_id, kind, tier, holder_name, balance)
SELECT ('00000000-0000-4000-9000-' || lpad(n::text, 12, '0'))::uuid, (100000000000 + n)::text,
       ('00000000-0000-4000-a000-' || (100000000000 + n))::uuid, 'user', 'bench', 'Someone', 1000000000
FROM generate_series(1, 1000) AS n;
"""


class Stage:
    """One server; `database()` makes a migrated database with the bare tables and a thousand people in it."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o755)
        self.server: Postgres = postgres.start(directory, durable=True)
        self.set(SETTINGS)
        self.server.stop()
        self.server = postgres.start(directory, durable=True)

    def set(self, settings: dict[str, object]) -> None:
        """Change settings of the server; those that need no restart hold at once."""
        connection = self.server.connect()
        for name, value in settings.items():
            connection.run(f"ALTER SYSTEM SET {name} = '{value}'")
        connection.run("SELECT pg_reload_conf()")
        connection.close()

    def database(self, name: str) -> Connection:
        """Make the database `name` and return its owner's connection."""
        postgres.migrate(self.server, name, environment.logins(), PASSWORD)
        connection = self.server.connect(name)
        connection.execute_simple((HERE / "bare.sql").read_text(encoding="utf-8"))
        connection.execute_simple(BENCH_PEOPLE)
        # Not the empty tables: a session would plan to read them from end to end, and keep the plan as they grow.
        connection.execute_simple("VACUUM ANALYZE ledger.accounts, ledger.tiers, bare.accounts")
        return connection

    def throughput(self, database: str, script: str, clients: int, seconds: float) -> float:
        """Transactions per second of tests/load/<script>.sql, as pgbench counts them."""
        login = "payments" if script.startswith("topup") else "transfers"
        command = [
            str(postgres.programs() / "pgbench"), "--no-vacuum", "--protocol=prepared", f"--client={clients}",
            f"--jobs={min(clients, 2)}", f"--time={max(1, round(seconds))}", f"--file={HERE / 'scripts' / script}.sql",
        ]  # fmt: skip
        where = {"PGHOST": self.server.host, "PGPORT": str(self.server.port), "PGDATABASE": database}
        variables = {**os.environ, **where, "PGUSER": login, "PGPASSWORD": PASSWORD}
        done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False, timeout=600)
        lines = [line for line in done.stdout.splitlines() if line.startswith("tps = ")]
        if not lines or "number of failed transactions: 0 " not in done.stdout:
            raise RuntimeError(f"pgbench failed: {done.stdout}\n{done.stderr}")
        return float(lines[0].split()[2])
