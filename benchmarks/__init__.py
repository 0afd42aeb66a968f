"""What the library costs: its route beside two others, and each part by itself.

``make bench`` runs everything on servers of its own; ``python -m benchmarks run PART ...`` runs some of it. Compare
figures of one run only: what is compared runs in turns, on the same servers, under the same load.
"""

from pathlib import Path

ROOT = Path(__file__).parents[1]
