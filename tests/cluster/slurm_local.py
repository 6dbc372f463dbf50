"""A Slurm cluster on this machine: a controller and some nodes, all on loopback, for trying things.

``python -m tests.cluster.slurm_local start FOLDER`` starts it and prints the line that points
Slurm's commands to it; ``kill FOLDER NODE`` takes a node's power away; ``stop FOLDER`` ends it.

Debian's ``slurm-wlm`` and ``munge`` do the work. Key, sockets, logs and state lie in the folder;
nothing of a Slurm that the machine may have is read or changed. Each node is a ``slurmd`` in a
process namespace of its own: when that is killed, all that runs on the node dies at once with it,
as at a power cut. Needs root, as ``slurmd`` does.
"""

import argparse
import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from harlib.errors import UserError, command

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "sinfo", "scontrol")
# Debian has the daemons where only root looks for programs.
_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
NODE_TIMEOUT = 10  # seconds of silence after which the controller takes a node for dead
_CONFIGURATION = """\
# Written by tests.cluster.slurm_local; everything on loopback, nothing outside this folder.
ClusterName=harlib
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
# A job that is queued again after a node failure waits until its credential has expired.
AuthInfo=socket={folder}/munge/socket,cred_expire=10
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/%n.log
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
JobRequeue=1
SlurmdTimeout={timeout}
InactiveLimit=0
KillWait=5
ReturnToService=2
# The jobs of a study stay visible to squeue, which tells Snakemake what became of them.
MinJobAge=86400
MaxJobCount=50000
"""


# A node sees the configuration where Slurm looks for it by itself: Snakemake's plugin clears
# $SLURM_CONF before it calls srun. The mount is seen by the node only, and ends with it.
_NODE = 'mount --bind "$1" /etc/slurm && exec slurmd -D -N "$2"'


class Cluster:
    """A cluster in a folder: ``with Cluster(folder) as cluster`` starts and stops it.

    Parameters
    ----------
    folder : Path
        Not there yet, or empty; a path of at most about 90 characters, for a socket in it.
    nodes : int
        Nodes ``n1``, ``n2`` and so on, each with one processor as far as Slurm is told.
    """

    def __init__(self, folder: Path, nodes: int = 2) -> None:
        self.folder = folder.resolve()
        self.nodes = [f"n{number}" for number in range(1, nodes + 1)]

    def __enter__(self) -> "Cluster":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which Slurm's commands talk to this cluster."""
        return {**os.environ, "SLURM_CONF": str(self.folder / "etc" / "slurm.conf"), "PATH": _PATH}

    def start(self) -> None:
        """Write the configuration, start every daemon, wait until all nodes are ready.

        Raises
        ------
        UserError
            A program is missing, this is not root, the folder is in use, a daemon does not come up.
        """
        if reason := missing():
            raise UserError(reason)
        if (self.folder / "processes.json").exists():
            raise UserError(f"{self.folder} holds a cluster already: stop it first")
        self._write()
        try:
            munge = self.folder / "munge"
            # Forced: the folder may be within reach of root only, and so are all who ask.
            self._run("munged", "munged", "--foreground", "--force", f"--socket={munge}/socket",
                      f"--key-file={munge}/key", f"--pid-file={munge}/pid",
                      f"--seed-file={munge}/seed", f"--log-file={munge}/log")  # fmt: skip
            self._wait(lambda: (munge / "socket").exists(), "munged", 10)
            self._run("slurmctld", "slurmctld", "-D")
            for node in self.nodes:
                self._run(node, "unshare", "--pid", "--fork", "--mount-proc", "--kill-child=KILL",
                          "sh", "-c", _NODE, node, str(self.folder / "etc"), node)  # fmt: skip
            self._wait(lambda: set(self.states().values()) == {"idle"}, "slurmctld", 60)
        except BaseException:
            self.stop()
            raise

    def states(self) -> dict[str, str]:
        """State of each node, as ``sinfo`` tells; empty while the controller does not answer."""
        said = self.ask("sinfo", "--noheader", "--Node", "--format=%N %t", check=False)
        lines = [line.split() for line in said.splitlines()]
        return {line[0]: line[1].rstrip("*") for line in lines if len(line) == 2}

    def ask(self, *words: str, check: bool = True) -> str:
        """What one of Slurm's commands prints."""
        done = subprocess.run(
            words, env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )
        if check and done.returncode:
            raise RuntimeError(f"{' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    def kill(self, node: str) -> None:
        """Take a node's power away: SIGKILL to it and to all that runs on it."""
        if node not in self.nodes:
            raise UserError(f"no node {node!r}: there are {', '.join(self.nodes)}")
        self._end(node, signal.SIGKILL)

    def stop(self) -> None:
        """End every process that :meth:`start` began, and nothing else."""
        # The controller first: alive while the nodes end, it would queue their jobs again.
        for name in ("slurmctld", *self.nodes, "munged"):
            self._end(name, signal.SIGKILL if name in self.nodes else signal.SIGTERM)
        (self.folder / "processes.json").unlink(missing_ok=True)

    def _write(self) -> None:
        for name in ("etc", "munge", "state", *self.nodes):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        key = self.folder / "munge" / "key"
        key.touch(mode=0o600)
        key.write_bytes(secrets.token_bytes(128))
        ports = free_ports(1 + len(self.nodes))
        host = socket.gethostname().partition(".")[0]
        text = _CONFIGURATION.format(
            host=host, port=ports[0], folder=self.folder, timeout=NODE_TIMEOUT
        )
        for node, port in zip(self.nodes, ports[1:], strict=True):
            text += f"NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs=1 " \
                    f"RealMemory=4000\n"  # fmt: skip
        text += f"PartitionName=study Nodes={','.join(self.nodes)} Default=YES MaxTime=INFINITE\n"
        (self.folder / "etc" / "slurm.conf").write_text(text, encoding="utf-8")

    def _run(self, name: str, *words: str) -> None:
        """Start a daemon that outlives this process, and note which process it is."""
        out, write = str(self.folder / f"{name}.out"), os.O_WRONLY | os.O_CREAT
        pid = os.posix_spawn(
            shutil.which(words[0], path=_PATH), words, self.environment, setsid=True,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, out, write, 0o644), (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
        )  # fmt: skip
        noted = {**self._noted(), name: [pid, psutil.Process(pid).create_time()]}
        (self.folder / "processes.json").write_text(json.dumps(noted), encoding="utf-8")

    def _noted(self) -> dict[str, list]:
        """Process number and start time of each daemon, as noted when it was started."""
        try:
            return json.loads((self.folder / "processes.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}

    def processes(self) -> dict[str, psutil.Process]:
        """The daemons that are alive; a number that belongs to another process by now is none."""
        alive = {}
        for name, (pid, created) in self._noted().items():
            with contextlib.suppress(psutil.NoSuchProcess):
                process = psutil.Process(pid)
                # The clock that start times are counted from may have been set meanwhile.
                same = abs(process.create_time() - created) < 2
                if same and process.status() != psutil.STATUS_ZOMBIE:
                    alive[name] = process
        return alive

    def _end(self, name: str, sign: signal.Signals) -> None:
        """Signal a daemon and wait for its end; kill it if it does not come."""
        if process := self.processes().get(name):
            process.send_signal(sign)
            try:
                process.wait(10)
            except psutil.TimeoutExpired:
                process.kill()
                process.wait(10)

    def _wait(self, ready: Callable[[], bool], name: str, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not ready():
            dead = sorted(set(self._noted()) - set(self.processes()))
            if dead or time.monotonic() > deadline:
                name = dead[0] if dead else name
                said = [self.folder / f"{name}.{kind}" for kind in ("log", "out")]
                last = [p.read_text(errors="replace").strip()[-300:] for p in said if p.exists()]
                raise UserError(f"{name} did not come up: {' '.join(' '.join(last).split())}")
            time.sleep(0.1)


def missing() -> str:
    """Why no cluster can be started here, in one line; empty if one can."""
    absent = [program for program in PROGRAMS if not shutil.which(program, path=_PATH)]
    if absent:
        return (
            f"{', '.join(absent)} not found: a cluster on this machine needs Debian's packages "
            f"slurm-wlm and munge (apt-get install slurm-wlm munge)"
        )
    root = os.geteuid() == 0
    return "" if root else "a cluster on this machine needs root: slurmd runs jobs as their users"


def free_ports(count: int) -> list[int]:
    """Ports of the loopback interface that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for s in sockets:
            s.bind(("127.0.0.1", 0))
        return [s.getsockname()[1] for s in sockets]
    finally:
        for s in sockets:
            s.close()


@command
def main() -> None:
    """Start, stop, or kill a node."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.cluster.slurm_local", description=__doc__
    )
    parser.add_argument("action", choices=["start", "stop", "kill"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("node", nargs="?", default="n1")
    given = parser.parse_args()
    cluster = Cluster(given.folder)
    if given.action == "kill":
        cluster.kill(given.node)
    elif given.action == "stop":
        cluster.stop()
    else:
        cluster.start()
        print(f"export SLURM_CONF={cluster.environment['SLURM_CONF']}")


if __name__ == "__main__":
    sys.exit(main())
