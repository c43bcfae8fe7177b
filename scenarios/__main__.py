"""The command line, from its first moment: Ctrl-C while the packages are read is one line too."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line."""
    try:
        from cge.scenarios.cli import main as run
    except KeyboardInterrupt:
        print("stopped before anything was begun", file=sys.stderr)
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
