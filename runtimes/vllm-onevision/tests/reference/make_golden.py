"""Writes golden folders of other dimensions: `python tests/reference/make_golden.py FOLDER [NAME ...]`, all of them without a name."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from golden_variants import VARIANTS
from golden_writer import write_golden

SHIPPED = HERE.parents[1] / "golden" / "tiny-checkpoint"


def main(arguments: list[str]) -> int:
    """Write the named folders below the first argument and print each path."""
    if not arguments or (unknown := [name for name in arguments[1:] if name not in VARIANTS]):
        print(f"usage: make_golden.py FOLDER [{' | '.join(VARIANTS)}]", file=sys.stderr)
        print(f"unknown: {unknown}" if arguments else "", file=sys.stderr)
        return 3
    for name in arguments[1:] or VARIANTS:
        folder = Path(arguments[0]) / name
        write_golden(VARIANTS[name], SHIPPED, folder)
        print(folder, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
