"""Packages: why each is wanted and what its licence is, and `make audit` without a network."""

import re
import sys
import tomllib
from itertools import chain
from pathlib import Path

import pytest

from book.generate.pages import dependencies
from harlib.errors import UserError
from tests.started import run


def test_every_package_is_shown_once_with_reason_version_and_licence():
    direct, others = dependencies.tables()
    assert direct.loc["numpy", "Why"] == "the network itself"
    assert "BSD" in direct.loc["numpy", "Licence"]
    assert (direct["Licence"] != dependencies.NOT_HERE).all()
    assert direct.loc["numpy", "Version"].count(", ") == 1  # of an older Python, and of a newer
    assert others.loc["colorama", "Only where"] == "sys_platform == win32"
    assert all(len(text) < 120 for text in [*direct["Licence"], *others["Licence"]])
    pinned = re.findall(r"^([\w.-]+)(?=\[|==)", dependencies.LOCK.read_text(), re.MULTILINE)
    assert sorted([*direct.index, *others.index]) == sorted(set(pinned))
    project = tomllib.loads(dependencies.PROJECT.read_text())["project"]
    wanted = chain(project["dependencies"], *project["optional-dependencies"].values())
    assert set(direct.index) == {re.match(r"[\w-]+", text)[0] for text in wanted}


def test_a_wish_without_a_reason_is_refused():
    project = dependencies.PROJECT.read_text().replace("# tables\n", "\n")
    with pytest.raises(UserError, match="pandas stands there without a reason"):
        dependencies.reasons(project)


@pytest.mark.skipif(sys.platform == "win32", reason="make")
def test_an_audit_says_in_one_line_that_no_database_was_reached(tmp_path):
    ready = tmp_path / ".ready"
    ready.touch()
    here = [f"READY={ready}", f"BIN={Path(sys.executable).parent}"]
    nowhere = dict.fromkeys(("https_proxy", "HTTPS_PROXY"), "http://127.0.0.1:9")
    done = run("make", "--silent", "audit", *here, **nowhere)
    line = "known vulnerabilities: not checked, api.osv.dev cannot be reached\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, line, "")
