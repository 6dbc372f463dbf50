"""A Slurm cluster on this machine: a controller and two nodes, all on loopback, for trying things.

Debian's ``slurm-wlm`` and ``munge`` do the work. Key, sockets, logs and state lie in the folder;
nothing of a Slurm that the machine may have is read or changed. Each node is a ``slurmd`` in a
process namespace of its own: when that is killed, all that runs on the node dies at once with it,
as at a power cut. Needs root, as ``slurmd`` does.
"""

import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

from harlib.errors import UserError

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
    """A cluster in an empty folder: ``with Cluster(folder) as cluster`` starts and stops it.

    The folder's path has at most about 90 characters, for a socket.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        #: In which Slurm's commands talk to this cluster.
        configuration = str(self.folder / "etc" / "slurm.conf")
        self.environment = {**os.environ, "SLURM_CONF": configuration, "PATH": _PATH}
        self.daemons: dict[str, subprocess.Popen] = {}

    def __enter__(self) -> "Cluster":
        """Write the configuration, start every daemon, wait until both nodes are ready.

        A UserError says which program is missing, that this is not root, or what did not come up.
        """
        if reason := missing():
            raise UserError(reason)
        etc, munge = self.folder / "etc", self.folder / "munge"
        for name in ("etc", "munge", "state", *NODES):
            (self.folder / name).mkdir(parents=True)
        host = socket.gethostname().partition(".")[0]
        text = _CONFIGURATION.format(host=host, ports=free_ports(3), folder=self.folder)
        (etc / "slurm.conf").write_text(text, encoding="utf-8")
        (munge / "key").touch(mode=0o600)
        (munge / "key").write_bytes(secrets.token_bytes(128))
        files = [f"--{name}-file={munge / name}" for name in ("key", "pid", "seed", "log")]
        try:
            # Forced: the folder may be within reach of root only, and so are all who ask.
            self._run("munged", "munged", "--foreground", "--force", f"--socket={munge}/socket",
                      *files)  # fmt: skip
            self._wait((munge / "socket").exists)
            self._run("slurmctld", "slurmctld", "-D")
            for node in NODES:
                self._run(node, "unshare", "--pid", "--fork", "--mount-proc", "--kill-child=KILL",
                          "sh", "-c", _NODE, node, str(etc), node)  # fmt: skip
            self._wait(self._nodes_are_idle)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """End every daemon, and nothing else."""
        # The controller first: alive while the nodes end, it would queue their jobs again.
        for name in sorted(self.daemons, key=["slurmctld", *NODES, "munged"].index):
            self.kill(name)

    def kill(self, name: str) -> None:
        """Take a node's power away: it and all that runs on it are killed; wait for its end."""
        daemon = self.daemons.pop(name)
        daemon.kill()
        daemon.wait(10)

    def ask(self, *words: str, check: bool = True) -> str:
        """What one of Slurm's commands prints."""
        return subprocess.run(
            words, env=self.environment, capture_output=True, text=True, timeout=60, check=check
        ).stdout

    def _nodes_are_idle(self) -> bool:
        said = self.ask("sinfo", "--noheader", "--Node", "--format=%N %t", check=False)
        return sorted(said.splitlines()) == [f"{node} idle" for node in NODES]

    def _run(self, name: str, *words: str) -> None:
        """Start a daemon."""
        with (self.folder / f"{name}.out").open("w") as out:
            self.daemons[name] = subprocess.Popen(
                words, env=self.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True,
            )  # fmt: skip

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
    if absent := [program for program in PROGRAMS if not shutil.which(program, path=_PATH)]:
        packages = "slurm-wlm and munge (apt-get install slurm-wlm munge)"
        return f"{', '.join(absent)} not found: a cluster here needs Debian's packages {packages}"
    if os.geteuid():
        return "a cluster on this machine needs root: slurmd runs jobs as their users"
    plugin = find_spec("snakemake_executor_plugin_slurm")
    return "" if plugin else "Snakemake's plugin for Slurm is not installed (make cluster)"


def free_ports(count: int) -> list[int]:
    """Ports of the loopback interface that nobody listens on."""
    with ExitStack() as stack:
        any_port = ("127.0.0.1", 0)
        sockets = [stack.enter_context(socket.create_server(any_port)) for _ in range(count)]
        return [one.getsockname()[1] for one in sockets]
