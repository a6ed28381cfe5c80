"""reset — forget the data of the local run (`make reset`); the installed packages stay."""

import shutil
import sys

from emulators import postgres
from emulators.state import DATA, from_environment


def main() -> int:
    """Remove what the runs of this checkout have kept; ends with 1 while one is running."""
    state = from_environment()
    with state.lock():
        elsewhere = postgres.data_directory(state.directory / "postgres")
        for path in [elsewhere, *(state.directory / name for name in DATA)]:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    print(f"The data in {state.directory} is gone; the next make run starts afresh.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
