"""The cluster on one machine, and the study on it. Where Slurm is not installed: what is said."""

import re
import time
from pathlib import Path

import pytest
import yaml

from harlib import paths
from harlib.errors import UserError
from tests.cluster import slurm_local, slurm_study
from workflow import study

needs_slurm = pytest.mark.skipif(bool(slurm_local.missing()), reason=str(slurm_local.missing()))


def test_a_machine_without_slurm_is_told_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(slurm_local, "_PATH", str(tmp_path))
    with pytest.raises(UserError, match=r"munged, slurmctld, .*apt-get install slurm-wlm munge"):
        slurm_local.Cluster(tmp_path / "cluster").__enter__()
    assert not (tmp_path / "cluster").exists()


def test_the_profile_is_yaml_and_names_its_executor():
    profile = paths.ROOT / "workflow" / "profiles" / "slurm" / "config.yaml"
    assert yaml.safe_load(profile.read_text())["executor"] == "slurm"


def test_a_profile_takes_the_place_of_the_number_of_cores(monkeypatch):
    monkeypatch.setattr(study, "find_spec", lambda name: True)
    command = study.engine("runs", "3", "workflow/profiles/slurm")
    assert command[command.index("--profile") + 1] == str(paths.resolve("workflow/profiles/slurm"))
    assert command[command.index("--local-cores") + 1] == "3" and "--cores" not in command
    with pytest.raises(UserError, match=r"'profiles/none': no config\.yaml"):
        study.engine("runs", "3", "profiles/none")


@pytest.mark.parametrize(("text", "message"), [
    ("executor: nonesuch", "Snakemake's plugin for nonesuch is not installed"),
    ("jobs: 3", "names no executor"), ("[", "names no executor"), ("", "names no executor"),
])  # fmt: skip
def test_a_profile_that_cannot_work_is_refused_in_one_line(tmp_path, text, message):
    (tmp_path / "config.yaml").write_text(text)
    with pytest.raises(UserError, match=message) as refused:
        study.engine("runs", "1", str(tmp_path))
    assert "\n" not in str(refused.value)


def test_what_a_cluster_needs_is_pinned_to_the_same_versions():
    def pins(name: str) -> set[tuple[str, str]]:
        text = (paths.ROOT / name).read_text()
        return set(re.findall(r"^([\w.-]+)(?:\[.*\])?==(\S+)", text, re.MULTILINE))

    base, own = pins("requirements.txt"), pins("workflow/requirements-slurm.txt")
    assert "snakemake-executor-plugin-slurm" in dict(own)
    assert {pin for pin in own - base if pin[0] in dict(base)} == set()


@pytest.mark.long
@needs_slurm
def test_a_cluster_starts_runs_a_job_and_leaves_nothing_behind(tmp_path):
    system = Path("/etc/slurm/slurm.conf")
    before = system.read_bytes() if system.exists() else None
    with slurm_local.Cluster(tmp_path / "c") as cluster:
        assert cluster.states() == "n1 idle, n2 idle"
        out = cluster.ask("srun", "-w", "n2", "sh", "-c", "echo $SLURMD_NODENAME")
        assert out.split() == ["n2"]
        daemons = dict(cluster.daemons)
        cluster.ask("sbatch", "-w", "n1", "--output=/dev/null", "--wrap", "sleep 300")
        deadline = time.monotonic() + 60
        while "n1 alloc" not in cluster.states() and time.monotonic() < deadline:
            time.sleep(0.1)
        cluster.kill("n1")
        assert not daemons["n1"].is_running() and daemons["n2"].is_running()
    assert not any(process.is_running() for process in daemons.values())
    assert (system.read_bytes() if system.exists() else None) == before


@pytest.mark.skipif(bool(slurm_study.missing()), reason=str(slurm_study.missing()))
@pytest.mark.long
def test_a_study_survives_the_loss_of_a_node(tmp_path):
    went = slurm_study.run(tmp_path)
    assert went["exit_code"] == 0 and went["different"] == []
    assert went["files"] == 16 and went["queued_again"] >= 1
