import sys

sys.path.insert(0, "src")  # a Space installs requirements.txt, not this package
from newsqa.cli import main

main(
    [
        "serve",
        *(f"--example={q}" for q in ("Who did Putin call?", "Siapa yang ditelepon Putin?", "Why did Putin call?")),
    ]
)
