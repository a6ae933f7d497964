"""Prints the pages in tests/data/print with Chromium to the PDFs in tests/data/articles: python tests/print_pdfs.py."""

from __future__ import annotations

import subprocess
from pathlib import Path

DATA = Path(__file__).parent / "data"

if __name__ == "__main__":
    for page in sorted((DATA / "print").glob("*.html")):
        pdf = DATA / "articles" / page.with_suffix(".pdf").name
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", f"--print-to-pdf={pdf}"]
        subprocess.run(["chromium", *options, page.as_uri()], check=True)
