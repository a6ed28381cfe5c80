"""config — settings from the environment; what is missing stops the start by name."""

import os


class ConfigMissing(RuntimeError):
    """A setting without which this deployment must not start."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not set: this deployment does not start without it")
        self.name = name


def require(name: str) -> str:
    """Return the environment variable `name`.

    Raises ConfigMissing where it is unset or empty: no setting has a default outside the local
    run, so that a forgotten secret stops a deployment instead of weakening it.
    """
    value = os.environ.get(name)
    if not value:
        raise ConfigMissing(name)
    return value


def optional(name: str) -> str | None:
    """Return the environment variable `name`, or None where it is unset or empty."""
    return os.environ.get(name) or None


def is_local() -> bool:
    """Return whether this process belongs to a local run on emulators."""
    return require("ENVIRONMENT") == "local"
