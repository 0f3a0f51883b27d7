"""Clients of npm against the service: openai, ollama, eventsource-parser and ws.

    node_clients_test.py PROGRAM SOURCE_FOLDER BUILD_FOLDER
"""
import pathlib
import subprocess
import sys

import service

PROGRAM, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
folder = service.install_node(sys.argv[3], ["openai", "ollama", "eventsource-parser", "ws"])
with service.Service(PROGRAM, SOURCE) as running:
    done = subprocess.run(["node", str(SOURCE / "tests/end_to_end/node_clients.mjs"), running.address,
                           str(folder)], timeout=120)
sys.exit(done.returncode)
