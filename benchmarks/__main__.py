"""`python -m benchmarks [--quick] [--json] [NAME…]`: run all benchmarks, or those that are named."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from benchmarks import analyzer_speed, command_cost, faces, import_time, mypy_plugin_cost, program_costs
from benchmarks.report import Row, tables, to_json


class Benchmark(NamedTuple):
    """What is compared, and how to compare it: quickly, or well."""

    title: str
    run: Callable[[bool], Sequence[Row]]


BENCHMARKS = {
    "analyzer": Benchmark("The analyzer, per 1,000 lines", analyzer_speed.run),
    "command": Benchmark("The command, from start to end", command_cost.run),
    "mypy": Benchmark("mypy with the plugin", mypy_plugin_cost.run),
    "network": Benchmark("The tutorial's loss under xmap", partial(program_costs.run, "network")),
    "matmul": Benchmark("The product of matrices under xmap", partial(program_costs.run, "matmul")),
    "transformer": Benchmark("A transformer block under xmap", partial(program_costs.run, "transformer")),
    "gradients": Benchmark("The mean of gradients inside xmap", partial(program_costs.run, "gradients")),
    "loops": Benchmark("Serial loops under xmap", partial(program_costs.run, "loops")),
    "faces": Benchmark("The faces without names", faces.run),
    "import": Benchmark("Imports in a new Python", import_time.run),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run benchmarks and print their tables as they come."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="What named_types costs.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(BENCHMARKS)}; all by default")
    parser.add_argument("--quick", action="store_true", help="tiny sizes and few samples: does it run at all?")
    parser.add_argument("--json", action="store_true", help="print one list of all comparisons instead of tables")
    chosen = parser.parse_args(arguments)
    unknown = [name for name in chosen.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"unknown benchmark {unknown[0]!r}; there are {', '.join(BENCHMARKS)}")
    names = chosen.names or list(BENCHMARKS)
    if chosen.json:
        print(to_json([row for name in names for row in BENCHMARKS[name].run(chosen.quick)]))
        return
    for name in names:
        print(tables(BENCHMARKS[name].title, BENCHMARKS[name].run(chosen.quick)), flush=True)


if __name__ == "__main__":
    main()
