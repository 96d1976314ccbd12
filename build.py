"""Build an edition: `python build.py --help` tells how."""

import sys

try:
    from recension.cli import run
except ModuleNotFoundError as fault:
    print(f"error: the package `{fault.name}` is missing", file=sys.stderr)
    print("    hint: run `make book`, then `. .venv/bin/activate`", file=sys.stderr)
    sys.exit(3)

if __name__ == "__main__":
    run()
