"""``python -m examples.monolith.wallet_service``"""

from __future__ import annotations

import logging
from pathlib import Path

import click
from werkzeug.serving import make_server

from examples.monolith.wallet_service.api import create_api
from examples.monolith.wallet_service.callback import Callback
from examples.monolith.wallet_service.ledger import Ledger


@click.command()
@click.option("--port", type=int, required=True)
@click.option("--store", type=click.Path(path_type=Path), required=True, help="The SQLite file of the books.")
@click.option("--notify", help="URL for the reports of transactions. Without it they are kept.")
@click.option("--token", envvar="WALLET_TOKEN", required=True, help="Token that callers of the API send.")
@click.option("--key", envvar="WALLET_KEY", required=True, help="Key that signs the reports.")
def main(port: int, store: Path, notify: str | None, token: str, key: str) -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    ledger = Ledger(store)
    callback = Callback(ledger, notify, key)
    callback.start()
    make_server("127.0.0.1", port, create_api(ledger, callback, token), threaded=True).serve_forever()


if __name__ == "__main__":
    main()
