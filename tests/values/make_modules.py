"""What PyTorch says to the programs of module_programs.py, model_programs.py and learner_programs.py, written to modules.json.

Run by hand, with PyTorch 2.13 installed: python tests/values/make_modules.py. PyTorch is not needed by the tests.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from learner_programs import LEARNERS
from model_programs import MORE_PROGRAMS
from module_programs import PROGRAMS, outcome

if __name__ == "__main__":
    found = {name: outcome(torch, torch.nn, program) for name, program in (PROGRAMS | MORE_PROGRAMS | LEARNERS).items()}
    Path(__file__).with_name("modules.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
