"""A Slurm cluster on this machine: a controller and some nodes, all on loopback, for trying things.

``python -m tests.cluster.slurm_local start FOLDER`` starts it and prints the line that points
Slurm's commands to it; ``stop FOLDER`` ends it.

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
NODES = ("n1", "n2")
# Debian has the daemons where only root looks for programs.
_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
# Nodes that are silent for ten seconds are dead; a job that is queued again waits until its
# credential has expired; jobs stay visible to squeue, which tells Snakemake what became of them.
_CONFIGURATION = """\
ClusterName=harlib
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket,cred_expire=10
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
SlurmdTimeout=10
ReturnToService=2
MinJobAge=86400
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]} CPUs=1 RealMemory=4000
NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[2]} CPUs=1 RealMemory=4000
PartitionName=study Nodes=n1,n2 Default=YES MaxTime=INFINITE
"""
# A node sees the configuration where Slurm looks for it by itself: Snakemake's plugin clears
# $SLURM_CONF before it calls srun. The mount is seen by the node only, and ends with it.
_NODE = 'mount --bind "$1" /etc/slurm && exec slurmd -D -N "$2"'


class Cluster:
    """A cluster of two nodes in a folder: ``with Cluster(folder) as cluster`` starts and stops it.

    ``folder`` is not there yet, or empty; a path of at most about 90 characters, for a socket.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        #: In which Slurm's commands talk to this cluster.
        configuration = str(self.folder / "etc" / "slurm.conf")
        self.environment = {**os.environ, "SLURM_CONF": configuration, "PATH": _PATH}
        #: Process number and start time of each daemon, for another process to stop it.
        self.notes = self.folder / "processes.json"
        self.daemons: dict[str, psutil.Process] = {}
        noted = json.loads(self.notes.read_text()) if self.notes.exists() else {}
        for name, (pid, created) in noted.items():
            with contextlib.suppress(psutil.NoSuchProcess):
                process = psutil.Process(pid)
                # Else another's by now. The clock that this counts from may have been set.
                if abs(process.create_time() - created) < 2:
                    self.daemons[name] = process

    def __enter__(self) -> "Cluster":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Write the configuration, start every daemon, wait until both nodes are ready.

        Raises
        ------
        UserError
            A program is missing, this is not root, the folder is in use, a daemon does not come up.
        """
        if reason := missing():
            raise UserError(reason)
        if self.notes.exists():
            raise UserError(f"{self.folder} holds a cluster already: stop it first")
        for name in ("etc", "munge", "state", *NODES):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        host = socket.gethostname().partition(".")[0]
        text = _CONFIGURATION.format(host=host, ports=free_ports(3), folder=self.folder)
        (self.folder / "etc" / "slurm.conf").write_text(text, encoding="utf-8")
        munge = self.folder / "munge"
        (munge / "key").touch(mode=0o600)
        (munge / "key").write_bytes(secrets.token_bytes(128))
        try:
            # Forced: the folder may be within reach of root only, and so are all who ask.
            files = [f"--{name}-file={munge / name}" for name in ("key", "pid", "seed", "log")]
            self._run("munged", "munged", "--foreground", "--force", f"--socket={munge}/socket",
                      *files)  # fmt: skip
            self._wait((munge / "socket").exists)
            self._run("slurmctld", "slurmctld", "-D")
            for node in NODES:
                self._run(node, "unshare", "--pid", "--fork", "--mount-proc", "--kill-child=KILL",
                          "sh", "-c", _NODE, node, str(self.folder / "etc"), node)  # fmt: skip
            self._wait(lambda: self.states() == "n1 idle, n2 idle")
        except BaseException:
            self.stop()
            raise

    def states(self) -> str:
        """Nodes and their states, as ``sinfo`` tells; empty if the controller does not answer."""
        said = self.ask("sinfo", "--noheader", "--Node", "--format=%N %t", check=False)
        return ", ".join(sorted(said.splitlines()))

    def ask(self, *words: str, check: bool = True) -> str:
        """What one of Slurm's commands prints."""
        return subprocess.run(
            words, env=self.environment, capture_output=True, text=True, timeout=60, check=check
        ).stdout

    def kill(self, name: str, sign: signal.Signals = signal.SIGKILL) -> None:
        """Take a node's power away: it and all that runs on it are killed; wait for its end."""
        if process := self.daemons.pop(name, None):
            process.send_signal(sign)
            process.wait(10)

    def stop(self) -> None:
        """End every process that :meth:`start` began, and nothing else."""
        # The controller first: alive while the nodes end, it would queue their jobs again.
        for name in ("slurmctld", *NODES, "munged"):
            self.kill(name, signal.SIGKILL if name in NODES else signal.SIGTERM)
        self.notes.unlink(missing_ok=True)

    def _run(self, name: str, *words: str) -> None:
        """Start a daemon that outlives this process, and note which process it is."""
        with (self.folder / f"{name}.out").open("w") as out:
            self.daemons[name] = psutil.Popen(
                words, env=self.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True,
            )  # fmt: skip
        noted = {name: [d.pid, d.create_time()] for name, d in self.daemons.items()}
        self.notes.write_text(json.dumps(noted))

    def _wait(self, ready: Callable[[], bool]) -> None:
        """Until it is so; a daemon that ended, or 60 seconds, are an error with its last words."""
        deadline = time.monotonic() + 60
        while not ready():
            dead = [name for name, daemon in self.daemons.items() if daemon.poll() is not None]
            if dead or time.monotonic() > deadline:
                logs = [self.folder / f"{name}.out" for name in dead or self.daemons]
                last = " ".join(log.read_text(errors="replace")[-300:] for log in logs)
                names = ", ".join(dead) or "a node"
                raise UserError(f"{names} did not come up: {' '.join(last.split())}")
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
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


@command
def main() -> None:
    """Start or stop."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.cluster.slurm_local", description=__doc__
    )
    parser.add_argument("action", choices=["start", "stop"])
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    cluster = Cluster(given.folder)
    if given.action == "start":
        cluster.start()
        print(f"export SLURM_CONF={cluster.environment['SLURM_CONF']}")
    else:
        cluster.stop()


if __name__ == "__main__":
    sys.exit(main())
