"""A study on a cluster: its profile, its packages, and where Slurm is installed all of it."""

import re

import pytest

from harlib import paths
from harlib.errors import UserError
from tests.cluster import slurm_local, slurm_study
from tests.data.data_helpers import refusal
from workflow import study


def test_a_machine_without_slurm_is_told_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(slurm_local, "_PATH", str(tmp_path))
    with pytest.raises(UserError, match=r"munged, slurmctld, .*apt-get install slurm-wlm munge"):
        slurm_local.Cluster(tmp_path / "cluster").__enter__()
    assert not (tmp_path / "cluster").exists()


@pytest.mark.parametrize(("text", "message"), [
    ("executor: nonesuch", "Snakemake's plugin for nonesuch is not installed"),
    ("jobs: 3", "names no executor"), ("[", "names no executor"), ("", "names no executor"),
])  # fmt: skip
def test_a_profile_that_cannot_work_is_refused_in_one_line(tmp_path, text, message):
    (tmp_path / "config.yaml").write_text(text)
    with refusal(message):
        study.engine("runs", "1", str(tmp_path))


def test_what_a_cluster_needs_is_pinned_to_the_same_versions():
    def pins(name: str) -> set[tuple[str, str]]:
        text = (paths.ROOT / name).read_text()
        return set(re.findall(r"^([\w.-]+)(?:\[.*\])?==(\S+)", text, re.MULTILINE))

    base, own = pins("requirements.txt"), pins("workflow/requirements-slurm.txt")
    assert "snakemake-executor-plugin-slurm" in dict(own)
    assert {pin for pin in own - base if pin[0] in dict(base)} == set()


@pytest.mark.skipif(bool(slurm_local.missing()), reason=slurm_local.missing())
@pytest.mark.long
def test_a_study_survives_the_loss_of_a_node(tmp_path):
    went = slurm_study.run(tmp_path)
    assert went["exit_code"] == 0 and went["different"] == []
    assert went["files"] == 16 and went["queued_again"] >= 1
