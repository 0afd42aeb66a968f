"""The company's wallet: a separate service with an HTTP API and a callback. It knows nothing about the monolith.

It keeps several books, one per brand; money does not move between them. Each call that moves money is idempotent by its
id; the same id with other parameters is a conflict. Amounts are whole numbers of the smallest unit.
"""
