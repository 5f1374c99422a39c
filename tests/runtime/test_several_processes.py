"""A mapped function on a mesh that spans processes: two of four devices each compute what one of eight does."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from runtime.training_step import EXAMPLES, train

PROGRAM = Path(__file__).with_name("training_step.py")
FOUR_DEVICES = {"JAX_PLATFORMS": "cpu", "XLA_FLAGS": "--xla_force_host_platform_device_count=4"}
SECONDS = 120
"""After which processes that wait for each other are ended."""


def test_two_processes_train_as_one_does() -> None:
    first, second = run_together(2)
    alone = train()
    assert first == second
    assert (first["processes"], first["devices"], first["examples held"]) == (2, 8, EXAMPLES // 2)
    assert (alone["processes"], alone["devices"], alone["examples held"]) == (1, 8, EXAMPLES)
    assert first["losses"] == pytest.approx(alone["losses"], rel=1e-5)
    assert alone["losses"][1] < alone["losses"][0]


def run_together(count: int) -> list[dict[str, Any]]:
    """What each of ``count`` processes of the program prints; none of them outlives this."""
    address = f"127.0.0.1:{free_port()}"
    processes = [
        subprocess.Popen(
            [sys.executable, str(PROGRAM), address, str(count), str(index)],
            env={**os.environ, **FOUR_DEVICES},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for index in range(count)
    ]
    try:
        outputs = [process.communicate(timeout=SECONDS) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    failures = [errors for process, (_, errors) in zip(processes, outputs, strict=True) if process.returncode]
    assert not failures, "\n".join(failures)
    return [json.loads(printed.splitlines()[-1]) for printed, _ in outputs]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
