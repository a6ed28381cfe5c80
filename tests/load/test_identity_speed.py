"""What a look at a secret costs beside the hash itself, and whether it scales with the cores.

Measured on the deployed file at production's costs (passwords 12, PINs 10), over real Postgres;
run alone on a quiet machine: `make bench`. Its figures go into docs/benchmarks.md.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import bcrypt
import pytest
from werkzeug.test import TestResponse

from tests import people
from tests.deployment import Deployment
from tests.load import report

pytestmark = pytest.mark.bench

# The promise: everything around the hash costs at most this much of it, in CPU.
OVERHEAD_MAX = 1.15
SCALING_MIN = 1.8


@pytest.fixture(scope="module")
def person(load: Callable[..., Deployment]) -> people.Person:
    """Somebody at an identity with the default costs."""
    client = load("identity", "api").app.test_client(use_cookies=False)
    return people.register(client)


@pytest.fixture(scope="module")
def rows() -> Iterator[list[list[str]]]:
    """The rows of this part's table in docs/benchmarks.md."""
    with report.figures("secrets", "Looks at a secret", "make bench") as found:
        yield found


def cpu_seconds(call: Callable[[], object]) -> float:
    """The CPU time of this process, all threads, for one call."""
    started = time.process_time()
    call()
    return time.process_time() - started


def expect(status: int, response: TestResponse) -> None:
    assert response.status_code == status, response.text


def sign_in(person: people.Person) -> None:
    body = {"username": person.username, "password": person.password}
    expect(201, person.client.post("/v1/sessions", json=body))


@pytest.mark.parametrize(("kind", "cost", "rounds"), [("PIN proof", 10, 40), ("sign-in", 12, 15)])
def test_the_hash_is_nearly_all_of_it(
    person: people.Person, rows: list[list[str]], kind: str, cost: int, rounds: int
) -> None:
    """A sign-in or PIN proof takes at most 1.15 times the CPU of its bcrypt check."""
    call = {"PIN proof": lambda: expect(201, person.prove()), "sign-in": lambda: sign_in(person)}[kind]
    digest = bcrypt.hashpw(b"x" * 64, bcrypt.gensalt(cost))
    call()
    # In turns, so that whatever else the machine does meets both alike.
    pairs = [(cpu_seconds(lambda: bcrypt.checkpw(b"x" * 64, digest)), cpu_seconds(call)) for _ in range(rounds)]
    alone, whole = (statistics.median(times) for times in zip(*pairs, strict=True))
    cells = report.ratio(whole, alone, OVERHEAD_MAX, at_most=True)
    rows.append(
        [f"CPU of one {kind}, against bcrypt alone", f"{whole * 1000:.1f} ms", f"{alone * 1000:.1f} ms", *cells]
    )
    print(f"\n{kind}: {whole * 1000:.1f} ms of CPU, bcrypt {alone * 1000:.1f} ms, ratio {whole / alone:.3f}")
    assert whole <= alone * OVERHEAD_MAX


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one core cannot show scaling")
def test_two_cores_do_nearly_twice_as_much(person: people.Person, rows: list[list[str]]) -> None:
    """PIN proofs per second with two callers are at least 1.8 times those with one: bcrypt holds no GIL."""

    def rate(callers: int, count: int = 60) -> float:
        started = time.perf_counter()
        with ThreadPoolExecutor(callers) as threads:
            for response in threads.map(lambda _: person.prove(), range(count)):
                expect(201, response)
        return count / (time.perf_counter() - started)

    rate(1, 5)
    one, two = (max(rate(callers) for _ in range(3)) for callers in (1, 2))
    cells = report.ratio(two, one, SCALING_MIN, at_most=False)
    rows.append(["PIN proofs with two callers, against one", f"{two:.1f}/s", f"{one:.1f}/s", *cells])
    print(f"\nPIN proofs: {one:.1f}/s with one caller, {two:.1f}/s with two, {two / one:.2f} times")
    assert two >= one * SCALING_MIN
