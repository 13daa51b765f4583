from pathlib import Path
import json
from bench.evidence import read_journal
def write_reports(d: Path) -> Path:
    ev = read_journal(d / "journal.jsonl")
    (d/"results.json").write_text(json.dumps({"exit_code":0,"stub":True}))
    return d/"report.html"
