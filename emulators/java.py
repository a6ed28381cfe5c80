"""Google's own emulators from an installed Cloud SDK, run on Java without the `gcloud` wrapper."""

import os
import shutil
from pathlib import Path

# Halves the memory of an emulator and costs nothing at our sizes.
FLAGS = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")


class EmulatorMissing(RuntimeError):
    """An emulator is not installed; the message says which package to install."""


def java() -> str:
    """The Java program."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=f"{home}/bin" if home else None) or shutil.which("java")
    if not found:
        raise EmulatorMissing("Java was not found. Type: apt-get install default-jre-headless")
    return found


def jar(component: str, package: str) -> Path:
    """The jar of `component` under the Cloud SDK's platform folder; `package` is named when it is missing."""
    for root in _sdk_roots():
        if jars := sorted((root / "platform" / component).glob("**/*.jar")):
            return jars[-1]
    raise EmulatorMissing(f"Google's {component} was not found. Type: apt-get install {package}")


def _sdk_roots() -> list[Path]:
    roots = [Path("/usr/lib/google-cloud-sdk"), Path("/opt/google-cloud-sdk"), Path.home() / "google-cloud-sdk"]
    if found := shutil.which("gcloud"):
        roots.insert(0, Path(found).resolve().parents[1])
    return roots
