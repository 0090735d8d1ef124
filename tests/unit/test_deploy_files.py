"""The files that an operator installs do what the tutorial says of them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

DEPLOY = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "deploy"
FAKE_PYTHON = """#!/bin/sh
exec python3 -c 'import json, os, sys; print(json.dumps([dict(os.environ), sys.argv[1:]]))' "$@"
"""
SETTINGS = """# A comment with a $ in it
DATABASE_URL=postgres://u:p@h/d?sslmode=require&connect_timeout=5
SECRET_KEY=a$b`c`(d)\\e
QUOTED="two words"
; another comment
LAST=no newline at the end"""


def test_the_wrapper_reads_settings_as_systemd_does(tmp_path: Path) -> None:
    """Fails if a shell reads them: an & starts a job there, and a $ is a variable."""
    python = tmp_path / "srv" / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(FAKE_PYTHON)
    python.chmod(0o755)
    (tmp_path / "settings").write_text(SETTINGS)
    text = (DEPLOY / "commonwire.sh").read_text()
    text = text.replace("/etc/commonwire.env", str(tmp_path / "settings")).replace(
        "/srv/commonwire", str(tmp_path / "srv")
    )
    done = subprocess.run(
        ["sh", "-c", text, "commonwire", "federation", "a b"], capture_output=True, text=True, check=True
    )
    environment, arguments = json.loads(done.stdout)
    assert environment["DATABASE_URL"] == "postgres://u:p@h/d?sslmode=require&connect_timeout=5"
    assert environment["SECRET_KEY"] == "a$b`c`(d)\\e"
    assert environment["QUOTED"] == "two words"
    assert environment["LAST"] == "no newline at the end"
    assert arguments == ["manage.py", "federation", "a b"]
