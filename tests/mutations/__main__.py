"""`make mutants`: judge all mutants, write the page about them, and say what is not as it should be."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from time import monotonic


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m mutations", description=__doc__)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--share", default="0/1", help="K/N: every N-th program, from the K-th on; no page is written")
    parser.add_argument("--verdicts", type=Path, help="write every verdict to this file, as lines of JSON")
    options = parser.parse_args()
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    os.environ.setdefault("XLA_FLAGS", "--xla_force_host_platform_device_count=8 --xla_backend_optimization_level=0")
    from mutations.run import run

    start, step = map(int, options.share.split("/"))
    began = monotonic()
    problems = run(options.processes, start, step, options.verdicts)
    print("\n".join([*problems, f"{monotonic() - began:.0f} s"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
