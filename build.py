"""Build an edition: `python build.py --help` tells how."""

import sys

from recension.cli import main

if __name__ == "__main__":
    sys.exit(main())
