"""Stand-ins for docker, podman, finch and buildah on the PATH."""

import json
import sys
from pathlib import Path


class Stage:
    def __init__(self, folder, monkeypatch):
        self.folder = folder
        folder.mkdir()
        monkeypatch.setenv("PATH", str(folder))
        monkeypatch.delenv("DOCKER_CONFIG", raising=False)
        monkeypatch.setenv("HOME", str(folder.parent / "home"))
        self.builds_for("amd64")

    def install(self, *names):
        program = f"#!{sys.executable}\n" + Path(__file__).with_name("engine.py").read_text()
        for name in names:
            (self.folder / name).write_text(program)
            (self.folder / name).chmod(0o755)

    def says(self, verb, *answers):
        """What its coming calls of a verb end with: an exit code and words."""
        (self.folder / verb).write_text(json.dumps(answers))

    def builds_for(self, architecture):
        (self.folder / "config").write_text(json.dumps({"architecture": architecture, "os": "linux"}))

    @property
    def calls(self):
        file = self.folder / "calls"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def called(self, verb):
        return [call for call in self.calls if call["verb"] == verb]
