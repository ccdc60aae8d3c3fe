"""One command and its event in memory: the bus and its peers against bare calls."""

from pathlib import Path

from bench.environments import ours, peers
from bench.interleaving import Contender, Plan, ratios, run_rounds
from bench.plot import write_plot
from bench.report import between, times, write_table

ORIGINAL = "messagebus==0.16.1"
BARE = {"async": "L, awaited calls", "sync": "L, plain calls"}


def contenders() -> list[Contender]:
    """Both variants of ours, and each peer in the variant that it is made for."""
    found = [
        Contender(name, name, ours("bench.workers.bare", variant)) for variant, name in BARE.items()
    ]
    found += [
        Contender(f"this bus, {variant}", bare, ours("bench.workers.ours", variant))
        for variant, bare in BARE.items()
    ]
    for requirement, module, variant, name in [
        ("mediatr==1.3.2", "with_mediatr", "async", "mediatr 1.3.2"),
        (ORIGINAL, "original", "async", "the original 0.16.1, async"),
        (ORIGINAL, "original", "sync", "the original 0.16.1, sync"),
        ("lato==0.13.0", "with_lato", "async", "lato 0.13.0"),
        ("python-cqrs==5.3.0", "with_cqrs", "async", "python-cqrs 5.3.0"),
        ("bubus==1.5.6", "with_bubus", "async", "bubus 1.5.6"),
    ]:
        found.append(
            Contender(name, BARE[variant], peers(requirement, f"bench.peers.{module}", variant))
        )
    return found


def measure(folder: Path, plan: Plan) -> None:
    """Write in-process.md and in-process.svg."""
    all_ = contenders()
    rounds = run_rounds(all_, plan)
    found = ratios(all_, rounds)
    rows = [[name, times(each), between(each)] for name, each in found.items()]
    write_table(folder / "in-process.md", ["contender", "times L", "middle half"], rows)
    compared = {name: each for name, each in found.items() if name not in BARE.values()}
    highlighted = [name for name in compared if name.startswith("this bus")]
    write_plot(folder / "in-process.svg", "Times the bare calls", compared, highlighted)
