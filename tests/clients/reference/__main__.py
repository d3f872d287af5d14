"""Reference clients: how clients should behave when a service fails, and how they should not.

    reference --url http://127.0.0.1:8080 --client good --clients 20 --rate 0.5 --duration 60
    reference --url https://localhost:8443 --ca ca.pem --mutant jitter --time-scale 0.1

At the end it prints a line of JSON: what the clients did, as they counted it themselves."""
import argparse
import dataclasses
import json
import os
import signal
import sys
import time

from client import Client
from policy import GOOD, MUTANTS, NAIVE
from truth import Truth
from workload import Clock, Paths, Setup, operations


def pairs(text):
    return dict(part.split("=", 1) for part in text.split(","))


def arguments():
    parser = argparse.ArgumentParser(prog="reference", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    who = parser.add_mutually_exclusive_group()
    who.add_argument("--client", choices=("good", "naive"), default="good")
    who.add_argument("--mutant", choices=sorted(MUTANTS), metavar="NAME",
                     help="the good client with one rule broken")
    who.add_argument("--list-mutants", action="store_true", help="name, what it breaks, what shows it")
    who.add_argument("--list-knobs", action="store_true", help="what --set changes")
    parser.add_argument("--set", action="append", default=[], metavar="KNOB=VALUE",
                        help="change a knob of the policy; values as in JSON, or never")
    parser.add_argument("--time-scale", type=float, default=1.0, metavar="X",
                        help="multiply all times of the policy, not those of the workload")
    parser.add_argument("--url", help="where the services are")
    parser.add_argument("--services", type=pairs, default={"api": "/api", "static": "/static"},
                        metavar="NAME=PATH,...", help="path prefixes, or URLs; the first takes the writes")
    parser.add_argument("--auth", default="/oauth2", metavar="PATH",
                        help="where tokens are from, a path or a URL; empty: no tokens")
    parser.add_argument("--fallback", metavar="URL", help="where to read if a service fails")
    parser.add_argument("--ca", metavar="FILE", help="trust these certificates")
    parser.add_argument("--clients", type=int, default=1, metavar="N")
    parser.add_argument("--rate", type=float, default=1.0, metavar="R", help="operations/s of a client")
    parser.add_argument("--duration", type=float, default=10.0, metavar="S", help="seconds of new work")
    parser.add_argument("--grace", type=float, default=None, metavar="S",
                        help="for what is under way at the end; the deadline if not given")
    parser.add_argument("--mix", type=pairs, default={"get": "0.7", "post": "0.15", "bare": "0.05",
                                                      "upload": "0.1"}, metavar="KIND=SHARE,...",
                        help="get, post (with a key), bare (a POST without), upload")
    parser.add_argument("--arrivals", choices=("poisson", "even"), default="poisson")
    parser.add_argument("--mark", choices=("none", "request-id", "query"), default="request-id",
                        help="how attempts say which operation they are of")
    parser.add_argument("--seed", type=int, default=1)
    for name, default in vars(Paths()).items():
        parser.add_argument(f"--path-{name}", type=type(default), default=default, metavar="PATH",
                            help=f"default: {default}")
    return parser.parse_args()


def setup(given):
    name = given.mutant or given.client
    policy = MUTANTS[name].policy if given.mutant else {"good": GOOD, "naive": NAIVE}[name]
    paths = Paths(**{field: getattr(given, f"path_{field}") for field in vars(Paths())})

    def whole(place):
        return place if "://" in place else given.url.rstrip("/") + place

    return Setup(name=name, policy=policy.changed(given.set).scaled(given.time_scale),
                 services={service: whole(place) for service, place in given.services.items()},
                 authority=whole(given.auth) if given.auth else None, fallback=given.fallback,
                 ca=given.ca, paths=paths, seed=given.seed, time_scale=given.time_scale, rate=given.rate,
                 clients=given.clients, duration=given.duration,
                 mix={kind: float(share) for kind, share in given.mix.items()},
                 arrivals=given.arrivals, mark=given.mark)


def end(plan, truth, clients):
    """Some threads may hang for ever: leave without them."""
    breakers = [service.breaker for client in clients for service in client.services.values()]
    print(truth.line(client=plan.name, clients=plan.clients, rate=plan.rate, duration=plan.duration,
                     openings=sum(breaker.openings for breaker in breakers)), flush=True)
    os._exit(0)


def main():
    given = arguments()
    if given.list_knobs:
        for field in dataclasses.fields(GOOD):
            print(f"{field.name:15} {json.dumps(field.default):9} {field.metadata['meaning']}")
        return
    if given.list_mutants:
        for row in MUTANTS.values():
            print(f"{row.name:17} {row.breaks}; seen in: {row.shown_by}")
        return
    if not given.url:
        sys.exit("reference: --url is missing")
    try:
        plan = setup(given)
    except ValueError as problem:
        sys.exit(f"reference: {problem}")
    truth, clock = Truth(), Clock()
    clients = [Client(number, plan, truth, clock.later) for number in range(1, plan.clients + 1)]
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: end(plan, truth, clients))
    for client in clients:
        # Bound now: the operation is of this turn of the loop.
        for at, operation in operations(plan, client.session.number):
            clock.later(at, lambda client=client, operation=operation: client.submit(operation))
    ends = time.monotonic() + plan.duration
    grace = plan.policy.deadline if given.grace is None else given.grace

    def settled():
        return (time.monotonic() > ends + grace
                or not any(pool.busy() for client in clients for pool in client.pools()))

    clock.run(ends, settled)
    end(plan, truth, clients)


main()
