"""The mean of the weights of several runs: ``python -m newsqa.training.averaging ADAPTER ADAPTER… --output FILE``.

Runs that went different ways from one checkpoint make different mistakes, and the mean of their weights, which costs no
more to run than one of them, often makes fewer than either (Wortsman et al., 2022, "Model soups").
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from newsqa.errors import NewsQAError
from newsqa.models.adapter import Adapter


def averaged(adapters: Sequence[Adapter]) -> Adapter:
    """The mean of ``adapters``, with the metadata of the last.

    What they add to each matrix is averaged, not the two factors of it, which are free to turn against each other. The
    mean is factored anew by singular values, as many as the rank of the first adapter; the others are left out.

    Raises:
        NewsQAError: there is none, or they do not adapt the same matrices.
    """
    if not adapters:
        raise NewsQAError("no weights to average; give the adapters of at least one run")
    shapes = [{name: tensor.shape for name, tensor in adapter.tensors.items()} for adapter in adapters]
    if any(other != shapes[0] for other in shapes):
        raise NewsQAError("the runs do not adapt the same matrices; average only runs of one configuration")
    tensors = {
        f"heads.{name}": np.mean([adapter.heads()[name] for adapter in adapters], axis=0)
        for name in adapters[0].heads()
    }
    additions = [{(layer, part): addition for layer, part, addition in adapter.additions()} for adapter in adapters]
    for layer, part in additions[0]:
        left, values, right = np.linalg.svd(np.mean([each[layer, part] for each in additions], axis=0))
        name = f"layers.{layer}.{part}"
        rank = shapes[0][f"{name}.down"][0]
        root = np.sqrt(values[:rank])
        tensors[f"{name}.up"] = left[:, :rank] * root
        tensors[f"{name}.down"] = root[:, None] * right[:rank]
    return Adapter(tensors, adapters[-1].metadata)


def main(arguments: list[str] | None = None) -> int:
    """Write the mean; 0 on success, 1 on an error of newsqa."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("adapters", nargs="+", type=Path, metavar="ADAPTER", help="weights of a run")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args(arguments)
    try:
        averaged([Adapter.load(path) for path in options.adapters]).save(options.output)
    except NewsQAError as error:
        sys.stderr.write(f"newsqa.training: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
