"""The run whose card and manifest are kept as golden files. Run as a module, it writes them again."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from tests.outputs.scenes import record, shops

CARD = Path(__file__).parent / "expected" / "card.md"
MANIFEST = Path(__file__).parent / "expected" / "manifest.json"


def golden_run(folder: Path) -> None:
    """A whole folder of the small scenario."""
    record(folder, shops())


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        run = Path(name)
        golden_run(run)
        CARD.write_text((run / "README.md").read_text(encoding="utf-8"), encoding="utf-8")
        manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8")) | {"files": {}}
        MANIFEST.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
