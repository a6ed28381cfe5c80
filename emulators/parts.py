"""Every part of the stack as data: what starts it, what it waits for, how it is asked for its health.

One definition for two engines: the process runner starts the parts from here, and
emulator-compose.yml is checked against it.
"""

from dataclasses import dataclass

from emulators.environment import deployments

STORES = ("postgres", "firestore", "pubsub", "bigquery")
# What gives way while the system runs: nobody waits for its answer, and in the cloud it has machines of its own.
BACKGROUND_STORES = ("pubsub",)
BACKGROUND_TRIGGERS = ("push", "schedule")
BACKGROUND_NICE = 10
BACKGROUND_SHARES = 110  # of a container, against the usual 1,024: what the kernel makes of that niceness
HEALTH = "/healthz"
# Through the gateway to a function and its key: the shortest request that proves the whole way.
GATEWAY_HEALTH = "/.well-known/jwks.json"


@dataclass(frozen=True)
class Description:
    """A part: its command with `{python}`, `{host}` and `{port}` to be filled, and the path of its health."""

    name: str
    kind: str  # "store", "function" or "stand-in"
    command: tuple[str, ...]
    health: str
    after: tuple[str, ...] = ()
    is_background: bool = False

    def filled(self, python: str, host: str, port: int) -> list[str]:
        """The command for one machine."""
        return [word.format(python=python, host=host, port=port) for word in self.command]


def _function(name: str) -> Description:
    deployment = deployments()[name]
    source = f"functions/{deployment['folder']}/main.py"
    command = ("{python}", "-m", "functions_framework", "--source", source, "--target", deployment["entry_point"])
    stores = tuple(service for service in deployment["google"])
    if deployment["database_role"]:
        stores = ("postgres", *stores)
    command = (*command, "--host", "{host}", "--port", "{port}")
    is_background = deployment["trigger"] in BACKGROUND_TRIGGERS
    return Description(name, "function", command, HEALTH, stores, is_background)


def _stand_in(name: str, health: str, after: tuple[str, ...], *, is_background: bool = True) -> Description:
    return Description(name, "stand-in", ("{python}", "-m", f"emulators.{name}"), health, after, is_background)


def background() -> set[str]:
    """The names of the parts that give way to the others."""
    return {*BACKGROUND_STORES} | {part.name for part in [*functions(), *stand_ins()] if part.is_background}


def functions() -> list[Description]:
    """A part for each deployment of functions/deployments.json."""
    return [_function(name) for name in deployments()]


def stand_ins() -> list[Description]:
    """The parts that stand in for what Google does without our code; they take HOST and PORT from the environment."""
    names = tuple(deployments())
    return [
        _stand_in("warehouse", "/", ("pubsub", "bigquery")),
        _stand_in("scheduler", "/", names),
        _stand_in("gateway", GATEWAY_HEALTH, names, is_background=False),
    ]
