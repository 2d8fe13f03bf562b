"""Processes as the system lists them, without a library for it."""

from __future__ import annotations

import subprocess


def processes() -> dict[int, tuple[int, str]]:
    """All that are not zombies: parent and command line, by process id."""
    table = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,stat=,command="], capture_output=True, text=True, check=True
    )
    found = {}
    for line in table.stdout.splitlines():
        pid, parent, state, command = line.split(None, 3)
        if not state.startswith("Z"):
            found[int(pid)] = int(parent), command
    return found


def below(pid: int) -> dict[int, str]:
    """The processes that a process has started, and those that these have: command lines by process id."""
    all_of_them = processes()
    found: dict[int, str] = {}
    waiting = [pid]
    while waiting:
        parent = waiting.pop()
        children = {pid: command for pid, (its, command) in all_of_them.items() if its == parent}
        found |= children
        waiting += children
    return found


def workers(pid: int) -> list[int]:
    """The worker processes of a training process."""
    return [child for child, command in below(pid).items() if "spawn_main" in command]
