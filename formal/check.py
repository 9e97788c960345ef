#!/usr/bin/python3
"""Checks every claim about the models with spin: those that must hold, those that must not, and the mutants that must break them.

usage: check.py [NAME...]         claims to check (default: all); prints one line per run, exits 1 if one is not as expected
       check.py --trail NAME [MUTANT]   the events that lead to where the claim is violated, one a line
"""
import collections
import dataclasses
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
# far deeper and wider than any of the searches, and quick to clear; a search that does not fit is an error
LIMITS = ("-m100000", "-w20")
# these have no ltl formula
NO_DEADLOCK, EVENTS, CASES = "no_deadlock", "every_event_happens", "every_case"

LTL = re.compile(r"^ltl (\w+) \{", re.M)
EVENT = re.compile(r'printf\("(.*?)\\n"\)')
STATES = re.compile(r"(\d+) states, stored")


class Broken(Exception):
    """The check itself could not be done."""


@dataclasses.dataclass(frozen=True)
class Run:
    """A claim, in the model itself or in a mutant, and how it must come out."""

    model: str
    claim: str
    mutant: str
    holds: bool


def command(folder, *words):
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, errors="replace")
    if done.returncode != 0:
        raise Broken(f"{' '.join(words)}: {(done.stdout + done.stderr).strip()[-600:]}")
    return done.stdout


def runs_of(table):
    for model in table["model"]:
        file = model["file"]
        for holds in (True, False):
            for claim, mutants in model.get("holds" if holds else "violated", {}).items():
                yield Run(file, claim, "", holds)
                yield from (Run(file, claim, mutant, not holds) for mutant in mutants)
        for claim, mutants in model.get("holds_even_in", {}).items():
            yield from (Run(file, claim, mutant, True) for mutant in mutants)


def formulas(text):
    """Name and place of each ltl formula."""
    for found in LTL.finditer(text):
        end, depth = found.end(), 1
        while depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        yield found[1], found.start(), end


def complaints(table, runs):
    """Nothing may be left out, unnoticed: each formula and each mutant is in the table and used."""
    for path in sorted(HERE.glob("*.pml")):
        model = path.name.replace("_claims", "")
        for name, _, _ in formulas(path.read_text()):
            if not any(run.claim == name and run.model == model and not run.mutant for run in runs):
                yield f"{path.name}: claims.toml does not say what is expected of {name}"
    for mutant in table["mutants"]:
        if not any(mutant in (run.mutant, table["mutants"].get(run.mutant, {}).get("after")) for run in runs):
            yield f"claims.toml: no claim has {mutant} for a twin"


def mutate(folder, table, name):
    mutant = table["mutants"][name]
    if "after" in mutant:
        mutate(folder, table, mutant["after"])
    path = folder / mutant["file"]
    text = path.read_text()
    if text.count(mutant["was"]) != 1:
        raise Broken(f"mutant {name}: its text is {text.count(mutant['was'])} times in {mutant['file']}, not once")
    path.write_text(text.replace(mutant["was"], mutant["becomes"]))


def keep_claims(folder, wanted):
    """Leaves the other formulas out: spin makes a large program of each."""
    for path in folder.glob("*.pml"):
        text = path.read_text()
        for name, start, end in reversed(list(formulas(text))):
            if name not in wanted:
                text = text[:start] + text[end:]
        path.write_text(text)


def prepare(folder, table, mutant, claims):
    """Copies the models, makes the mutant, leaves only the claims that are asked for."""
    for path in HERE.glob("*.pml"):
        (folder / path.name).write_text(path.read_text())
    if mutant:
        mutate(folder, table, mutant)
    keep_claims(folder, claims)


def build(folder, model, *flags, defines=()):
    command(folder, "spin", *defines, "-a", model)
    command(folder, "gcc", "-O0", "-w", *flags, "-o", "pan", "pan.c")


def verify(folder, *arguments):
    """(whether no error was found, states, what pan said)"""
    said = command(folder, "./pan", *LIMITS, *arguments)
    if "max search depth too small" in said or "Search not completed" in said and "errors: 0" in said:
        raise Broken(f"the search was not complete: {said.strip()[-600:]}")
    return "errors: 0" in said, int(STATES.search(said)[1]), said


def check_formulas(folder, model, claims):
    build(folder, model)
    for claim in claims:
        holds, states, said = verify(folder, "-a", "-N", claim)
        if not holds and "assertion violated" not in said and "acceptance cycle" not in said:
            raise Broken(f"{claim}: {said.strip()[-600:]}")
        yield claim, holds, states


def check_deadlock(folder, model):
    build(folder, model, "-DSAFETY", "-DNOCLAIM", defines=["-DOTHERS=false"])
    holds, states, said = verify(folder)
    if not holds and "invalid end state" not in said:
        raise Broken(f"{NO_DEADLOCK}: {said.strip()[-600:]}")
    return holds, states


def check_events(folder, model, never):
    """Whether exactly the events `never` do not happen, wherever the model goes."""
    build(folder, model, "-DSAFETY", "-DNOCLAIM", "-DPRINTF")
    _, states, said = verify(folder, "-E")
    happened = {line.strip() for line in said.splitlines()}
    missing = {event for event in EVENT.findall((folder / model).read_text()) if event not in happened}
    return missing == set(never), states


def check_cases(folder, model):
    try:
        command(folder, "spin", "-B", model)
    except Broken as why:
        if "assertion violated" not in str(why):
            raise
        return False
    return True


def check_group(table, model, mutant, claims):
    """All claims of one model or mutant: {claim: (holds, states)}"""
    found = {}
    never = next(entry.get("never_happen", []) for entry in table["model"] if entry["file"] == model)
    special = {NO_DEADLOCK, EVENTS, CASES}
    with tempfile.TemporaryDirectory(prefix="countersign-formal-") as name:
        folder = pathlib.Path(name)
        prepare(folder, table, mutant, claims)
        if CASES in claims:
            found[CASES] = check_cases(folder, model), 0
        if plain := [claim for claim in claims if claim not in special]:
            found.update({claim: (holds, states) for claim, holds, states in check_formulas(folder, model, plain)})
        keep_claims(folder, ())
        if NO_DEADLOCK in claims:
            found[NO_DEADLOCK] = check_deadlock(folder, model)
        if EVENTS in claims:
            found[EVENTS] = check_events(folder, model, never)
    return found


def word(holds):
    return "holds" if holds else "violated"


def check(table, runs):
    groups = collections.defaultdict(list)
    for run in runs:
        groups[run.model, run.mutant].append(run)
    wrong = 0
    print(f"{'model':<14} {'claim':<34} {'expected':<9} {'found':<9} {'states':>7}  mutant")
    for (model, mutant), members in groups.items():
        found = check_group(table, model, mutant, [run.claim for run in members])
        for run in members:
            holds, states = found[run.claim]
            as_expected = holds == run.holds
            wrong += not as_expected
            print(f"{model:<14} {run.claim:<34} {word(run.holds):<9} {word(holds):<9} {states:>7}  {mutant}"
                  f"{'' if as_expected else '  <-- NOT AS EXPECTED'}", flush=True)
    print(f"{len(runs)} runs, {wrong} not as expected")
    return 1 if wrong or not runs else 0


def find_trail(folder, model, claim, defines):
    """Leaves the shortest trail in the folder, if there is one."""
    if claim == NO_DEADLOCK:
        build(folder, model, "-DSAFETY", "-DNOCLAIM", "-DREACH", defines=["-DOTHERS=false"])
        verify(folder, "-i")
    else:
        build(folder, model, "-DREACH", defines=defines)
        verify(folder, "-a", "-N", claim, "-i")
    return (folder / f"{model}.trail").exists()


def show_trail(table, runs, claim, mutant):
    model = next((run.model for run in runs if run.claim == claim and run.mutant == mutant), None)
    if model is None or claim in (EVENTS, CASES):
        raise Broken(f"no such run with a trail: {claim} {mutant}")
    with tempfile.TemporaryDirectory(prefix="countersign-formal-") as name:
        folder = pathlib.Path(name)
        prepare(folder, table, mutant, [claim])
        # the device alone, if that is enough: strangers and clones make trails long
        if not any(find_trail(folder, model, claim, defines) for defines in (["-DOTHERS=false"], [])):
            raise Broken(f"{claim} holds: there is no trail")
        events = set(EVENT.findall((folder / model).read_text()))
        replay = subprocess.run(["spin", "-t", "-T", "-B", model], cwd=folder, capture_output=True, text=True)
        print("\n".join(line.strip() for line in replay.stdout.splitlines() if line.strip() in events or "CYCLE" in line))
    return 0


def main(arguments):
    table = tomllib.loads((HERE / "claims.toml").read_text())
    runs = list(runs_of(table))
    try:
        if arguments[:1] == ["--trail"] and len(arguments) in (2, 3):
            return show_trail(table, runs, arguments[1], (arguments + [""])[2])
        if unknown := [name for name in arguments if not any(run.claim == name for run in runs)]:
            print(f"countersign: no such claim: {', '.join(unknown)}\n\n{__doc__}", file=sys.stderr)
            return 2
        for why in (left_out := list(complaints(table, runs))):
            print(f"countersign: {why}", file=sys.stderr)
        return check(table, [run for run in runs if not arguments or run.claim in arguments]) or bool(left_out)
    except (Broken, FileNotFoundError) as why:
        print(f"countersign: {why}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
