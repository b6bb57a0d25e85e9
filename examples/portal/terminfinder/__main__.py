"""`python -m terminfinder key | connect | run`."""

import argparse
import logging
import ssl
import threading
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from terminfinder.desk import Desk, keep_up
from terminfinder.practice import Practice
from terminfinder.signing import key_pair, one_key, public_half, read_key
from terminfinder.store import Store
from terminfinder.web import Portal, Quiet, Server


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="terminfinder", description="A small booking portal.")
    parser.add_argument("--data", type=Path, default=Path("portal-data"), help="where key and bookings are kept")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("key", help="print the public key, which the practice registers")
    connect = commands.add_parser("connect", help="remember the practice's address and our key's id there")
    connect.add_argument("url")
    connect.add_argument("keyid")
    trust = commands.add_parser("trust", help="take webhooks signed with one more key, for the conformance kit")
    trust.add_argument("file", type=Path, help="the private or public key, PEM")
    run = commands.add_parser("run", help="serve the pages")
    run.add_argument("--host", default="127.0.0.1")
    run.add_argument("--port", type=int, default=8090)
    run.add_argument("--certificate", type=Path, help="serve https with this certificate and its key (PEM)")
    run.add_argument("--every", type=float, default=30, help="seconds between looks at the practice's feed")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it would write down addresses

    store = Store(given.data)
    key = key_pair(given.data / "key.pem")
    if given.command == "key":
        print(public_half(key), end="")
    elif given.command == "connect":
        practice = Practice(given.url, given.keyid, key, [])
        says, fingerprint = practice.introduce()
        store.remember("connected", {"url": given.url, "keyid": given.keyid, "keys": says["keys"]})
        print(f"{says['name']} signs with {fingerprint}\nPlease compare with what the practice shows.")
    elif given.command == "trust":
        store.remember("trusted", [*store.setting("trusted", []), public_half(read_key(given.file))])
    else:
        serve(store, _connected(store, key), given)


def serve(store: Store, practice: Practice, given: argparse.Namespace) -> None:
    """Until it is stopped."""
    desk = Desk(store, practice, given.data / "outbox")
    stopped = threading.Event()
    threading.Thread(target=keep_up, args=[desk, stopped, given.every], daemon=True).start()
    with Server((given.host, given.port), Quiet) as server:
        server.set_app(Portal(desk, [one_key(pem) for pem in store.setting("trusted", [])]))
        if given.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(given.certificate)
            # The handshake is the business of the thread that answers: who is slow keeps nobody waiting.
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        print(f"http{'s' * bool(given.certificate)}://{given.host}:{given.port}", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            stopped.set()


def _connected(store: Store, key: Ed25519PrivateKey) -> Practice:
    found = store.setting("connected")
    if not found:
        raise SystemExit("First: python -m terminfinder connect URL KEYID")
    return Practice(found["url"], found["keyid"], key, found["keys"])


if __name__ == "__main__":
    main()
