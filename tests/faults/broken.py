"""Valid files made slightly or thoroughly invalid: strategies of hypothesis."""

import io
import json
import warnings
import zipfile
from collections.abc import Sequence

from hypothesis import strategies as st

#: What may stand in place of an entry of JSON.
_ENTRIES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just([]),
    st.just({}), st.sampled_from([2**31, 2**63, 10**400, 100 + 1e-8, "../../x", "\ud800", "٣"]),
)  # fmt: skip
_DEEPER = st.sampled_from([True, True, True, False])


@st.composite
def _edited(draw, whole: Sequence, others: st.SearchStrategy) -> Sequence:
    """Bytes or a list with stretches of it cut out, repeated, exchanged or replaced."""
    for _ in range(draw(st.integers(1, 4))):
        start, place = draw(st.integers(0, len(whole))), draw(st.integers(0, len(whole)))
        length = draw(st.integers(0, 20) | st.just(len(whole)))
        stretch, rest = whole[start : start + length], whole[start + length :]
        others_here = [whole[:0], stretch * 2, whole[place : place + length]]
        instead = draw(st.sampled_from(others_here) | others)
        whole = whole[:start] + instead + draw(st.sampled_from([whole[:0], stretch])) + rest
    return whole


def damaged(content: bytes) -> st.SearchStrategy[bytes]:
    """A bit flipped, or some bytes cut, repeated, exchanged or put in."""

    def flipped(bit: int) -> bytes:
        place = bit // 8
        return content[:place] + bytes([content[place] ^ 1 << bit % 8]) + content[place + 1 :]

    some = _edited(content, st.binary(min_size=1, max_size=8))
    return some | st.integers(0, 8 * len(content) - 1).map(flipped) if content else some


@st.composite
def text(draw, content: bytes) -> bytes:
    """JSON with an entry taken away or replaced, or damaged as any other bytes."""
    if draw(st.booleans()):
        return draw(damaged(content))
    whole = inner = json.loads(content)
    while inner and isinstance(inner, (dict, list)) and (inner is whole or draw(_DEEPER)):
        holder, places = inner, list(inner) if isinstance(inner, dict) else range(len(inner))
        place = draw(st.sampled_from(places))
        inner = holder[place]
    if draw(st.booleans()):
        holder[place] = draw(_ENTRIES)
    else:
        del holder[place]
    return json.dumps(whole).encode()


@st.composite
def zipped(draw, content: bytes) -> bytes:
    """A zip whose members were renamed, doubled, packed otherwise or damaged before they went in.

    Unlike damage from outside, that leaves every checksum of the zip right.
    """
    if draw(st.booleans()):
        return draw(damaged(content))
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        members = [(name, old.read(name)) for name in old.namelist()]
    name, inner = draw(st.sampled_from(members))
    if draw(st.booleans()):
        renamed = st.sampled_from([name, f"../{name}", f"/{name}"]) | st.text(max_size=5)
        members = draw(_edited(members, renamed.map(lambda other: [(other, inner)])))
    else:
        # What stands first is the header of an array, or the names of the columns.
        end = draw(st.sampled_from([128, len(inner)]))
        members[members.index((name, inner))] = (name, draw(damaged(inner[:end])) + inner[end:])
    return packed(members, draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])))


def packed(members: Sequence[tuple[str, bytes]], packing: int = zipfile.ZIP_STORED) -> bytes:
    """A zip of these members, also if two have one name."""
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", packing) as made:
        warnings.simplefilter("ignore")
        for name, inner in members:
            made.writestr(zipfile.ZipInfo(name), inner, compress_type=packing)
    return file.getvalue()
