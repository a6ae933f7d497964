"""Small scripts that the page's events run in the browser."""

from __future__ import annotations

FOCUS = "() => { document.querySelector('#newsqa-question textarea')?.focus({ preventScroll: true }); }"
SAVE = """(text) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/markdown" }));
  link.download = "newsqa.md";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}"""
# Browsers offer the clipboard to pages over HTTPS or from the same machine only; elsewhere there is the old way.
COPY = """(text) => {
  if (navigator.clipboard) { navigator.clipboard.writeText(text); return; }
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}"""
