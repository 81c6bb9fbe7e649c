#!/usr/bin/env python3
"""The simulation as a test: short runs of many seeds, all of which must pass, and planted bugs, all of which must
be caught. A bug is a patch of tests/sim/bugs: of a script, which the simulation then reads from a folder, or of a
C file, which is compiled and linked in front of the libraries. Bugs of parties (party_*) run where there are some.

    tests/sim/run.py [--seeds N] [--first N] [--bugs NAME] [--only-bugs]

Ends with `N passed, N failed`; a seed or a bug counts as one."""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUGS = ROOT / "tests" / "sim" / "bugs"
BUG_SEEDS = 300  # within which a bug must show
AT_ONCE = 2  # a simulation and its Redis wait for each other: a core for both
SEEDS_A_JOB = 25  # so that the jobs at the end are short
CHEAPER = ["-O1", "-g0"]  # a patched file is compiled for seconds of use


def run_seeds(sim, first, count):
    """Runs the seeds and returns how many passed and failed; what fails prints its seed."""
    done = subprocess.run([sim, "--first", str(first), "--seeds", str(count)], cwd=ROOT, text=True,
                          capture_output=True)
    last = re.findall(r"^(\d+) passed, (\d+) failed$", done.stdout, re.M)
    if not last or (done.returncode not in (0, 1)):
        print(done.stdout, done.stderr[-2000:], f"the simulation ended with {done.returncode}", sep="\n")
        return 0, count
    if done.returncode == 1:
        print(done.stdout, end="", flush=True)
    return int(last[-1][0]), int(last[-1][1])


def patched(bug, folder):
    """The file that the patch names, copied to the folder and changed there; None when the patch does not fit."""
    path = re.search(r"^\+\+\+ b/(\S+)", bug.read_text(), re.M).group(1)
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    if path.startswith("lua/"):
        shutil.copytree(ROOT / "lua", folder / "lua", dirs_exist_ok=True)
    else:
        shutil.copy(ROOT / path, target)
    done = subprocess.run(["patch", "-s", "-p1", "-F2", "-i", str(bug)], cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        print(done.stdout, done.stderr)
        return None
    return path


def composed(folder):
    """A folder with the scripts of folder/lua as the programs would embed them."""
    out = folder / "composed"
    out.mkdir()
    for script in (folder / "lua").glob("[a-z]*.lua"):
        whole = subprocess.run([ROOT / "tools" / "script.sh", script], capture_output=True, check=True)
        (out / script.name).write_bytes(whole.stdout)
    return str(out)


def link_with(sim, folder, path):
    """A simulation with that one object from the folder."""
    compile_command, link_command, inputs = pathlib.Path(sim + ".commands").read_text().splitlines()[:3]
    changed, program = folder / "changed.o", folder / "sim"
    subprocess.run([*shlex.split(compile_command), *CHEAPER, "-c", str(folder / path), "-o", str(changed)], cwd=ROOT, check=True)
    subprocess.run([*shlex.split(link_command), str(changed), *shlex.split(inputs), "-o", str(program)], cwd=ROOT,
                   check=True)
    return str(program)


def run_bug(sim, bug):
    """Passed (1, 0) when some seed catches the bug."""
    with tempfile.TemporaryDirectory(prefix="duelpod-sim-") as name:
        folder = pathlib.Path(name)
        path = patched(bug, folder)
        if path is None:
            print(f"  {bug.stem:28} the patch does not fit")
            return 0, 1
        command = [sim] if path.startswith("lua/") else [link_with(sim, folder, path)]
        if path.startswith("lua/"):
            command += ["--lua", composed(folder)]
        if bug.stem.startswith("party_"):
            command += ["--parties"]
        done = subprocess.run([*command, "--seeds", str(BUG_SEEDS), "--stop"], cwd=ROOT, text=True, capture_output=True)
        found = re.search(r"^seed (\d+)\s+\d+ ms\s+(.*)$", done.stdout, re.M)
        if found is None:
            print(f"  {bug.stem:28} NOT CAUGHT ({done.returncode})\n{done.stderr[-500:]}")
            return 0, 1
        print(f"  {bug.stem:28} seed {found.group(1):3} {found.group(2)[:110]}", flush=True)
        return 1, 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=300)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--bugs", default="")
    parser.add_argument("--only-bugs", action="store_true")
    arguments = parser.parse_args()
    sim = str((ROOT / os.environ.get("BIN", "build") / "sim").resolve())
    end = arguments.first + (0 if arguments.only_bugs else arguments.seeds)
    bugs = sorted(bug for bug in BUGS.glob("*.patch") if arguments.bugs in bug.stem)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        jobs = [pool.submit(run_seeds, sim, first, min(SEEDS_A_JOB, end - first))
                for first in range(arguments.first, end, SEEDS_A_JOB)]
        jobs += [pool.submit(run_bug, sim, bug) for bug in bugs]
        results = [job.result() for job in jobs]
    passed, failed = (sum(column) for column in zip((0, 0), *results))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
