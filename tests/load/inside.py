"""Where a payment's CPU goes inside Postgres: its routines are run with one step after the other cut off.

Microseconds of one backend per committed payment, from /proc/<pid>/schedstat, the least of several
rounds: what else the machine does costs rounds, not figures. Linux only.
"""

from pathlib import Path

from pg8000.native import Connection

from tests.load.stage import Stage

ROUTINES = Path(__file__).resolve().parents[2] / "shared/ledger/routines"
PAYMENTS, ROUNDS = 1_200, 9
END = "END\n$$;"

LOOP = """
CREATE OR REPLACE PROCEDURE public.{name}(p_count int) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('synchronous_commit', 'off', false);
    FOR i IN 1..p_count LOOP
        PERFORM {call};
        COMMIT;
    END LOOP;
END $$
"""
BARE = "bare.transfer(gen_random_uuid(), 1 + i % 999, 2 + i % 999, 1)"
OURS = (
    "ledger.post_transfer(gen_random_uuid(), ('00000000-0000-4000-a000-' || (100000000001 + i % 999))::uuid,"
    " (100000000002 + i % 999)::text, 1, 'lunch')"
)
# From the last statement of ledger.post to its first: each cut takes away one more.
POST_CUTS = (
    ("the outbox row", "    -- The event's body"),
    ("the transfer", "    INSERT INTO ledger.transfers"),
    ("two entries", "    INSERT INTO ledger.entries"),
    ("the rules", "    posted_at := clock_timestamp();"),
    ("the limits of the tier", "    SELECT t.transfer_amount_max"),
    ("lock, check and change two accounts; the commit", "    FOREACH v_account_id"),
)
TRANSFER_CUTS = (
    ("the call of ledger.post, its event's id and its day", "        v_new := ledger.post("),
    ("find both accounts, and whether the key is new", "    SELECT s.id, s.number"),
    ("the key's lock and the definer's rights", "    IF NOT pg_try_advisory_xact_lock"),
)


def parts(stage: Stage) -> list[list[str]]:
    """What each step of a payment costs, and the whole against the bare function."""
    owner = stage.server.connect("bench")
    owner.run("SET plan_cache_mode = force_generic_plan")
    owner.execute_simple(LOOP.format(name="pay_bare", call=BARE))
    owner.execute_simple(LOOP.format(name="pay", call=OURS))
    post, transfer = ((ROUTINES / name).read_text(encoding="utf-8") for name in ("post.sql", "post_transfer.sql"))
    whole = last = cost(owner, "pay")
    rows = [
        ["bare.transfer, whole", f"{cost(owner, 'pay_bare'):.0f} µs"],
        ["ledger.post_transfer, whole", f"{whole:.0f} µs"],
    ]
    try:
        for label, mark in POST_CUTS:
            owner.execute_simple(cut(post, mark))
            now = cost(owner, "pay")
            rows.append([f"… {label}", f"{last - now:.0f} µs"])
            last = now
        for label, mark in TRANSFER_CUTS:
            owner.execute_simple(cut(transfer, mark, closing="    END IF;\n" if "v_new" in mark else ""))
            now = cost(owner, "pay")
            rows.append([f"… {label}", f"{last - now:.0f} µs"])
            last = now
    finally:
        owner.execute_simple(post)
        owner.execute_simple(transfer)
    owner.close()
    return [*rows, ["… the loop around it", f"{last:.0f} µs"]]


def cut(routine: str, mark: str, closing: str = "") -> str:
    """The routine without what stands from `mark` to its end."""
    begin = routine.index(mark)
    return routine[:begin] + ("        NULL;\n" if closing else "") + closing + routine[routine.index(END, begin) :]


def cost(owner: Connection, procedure: str) -> float:
    """Microseconds of this backend's CPU per payment."""
    [[pid]] = owner.run("SELECT pg_backend_pid()")
    rounds = []
    for _ in range(ROUNDS):
        before = cpu_microseconds(pid)
        owner.run(f"CALL public.{procedure}({PAYMENTS})")
        rounds.append((cpu_microseconds(pid) - before) / PAYMENTS)
    return min(rounds)


def cpu_microseconds(pid: int) -> float:
    """The CPU time of a process so far."""
    return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0]) / 1000
