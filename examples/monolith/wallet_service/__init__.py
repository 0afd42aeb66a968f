"""The company's wallet: a service of its own, with an HTTP API and a callback. It knows nothing of the monolith.

It keeps several books, one a brand; money does not move between them. Whatever moves money is idempotent by its id, and
the same id with other parameters is a conflict. Amounts are whole numbers of the smallest unit.
"""
