"""What the figures were taken on."""

import platform
import subprocess

import psutil

from emulators import postgres


def machine() -> str:
    """What this ran on, and how busy it was with other things."""
    version = subprocess.run(
        [postgres.programs() / "postgres", "--version"], capture_output=True, text=True, check=True
    )
    load = psutil.getloadavg()[2]
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{psutil.cpu_count()} cores ({platform.machine()}, {platform.system()} {platform.release()}), {memory:.0f} GiB,"
        f" Python {platform.python_version()}, {version.stdout.strip()}; load average over 15 minutes {load:.1f}"
    )
