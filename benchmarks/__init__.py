"""What the library costs: the route beside the bare driver calls and beside a hand-written one, and each part alone.

``make bench`` runs everything on servers of its own; ``python -m benchmarks --help`` lists the parts. Only ratios of
one run mean something: what is compared runs in turns, on the same servers, under the same load.
"""
