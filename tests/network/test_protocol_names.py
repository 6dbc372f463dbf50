"""A protocol has one name, with the switches that are turned; every other spelling is refused."""

from dataclasses import fields

import pytest

from harlib import protocol
from harlib.protocol import CORRECTED, PUBLISHED, named, variant
from tests.data.data_helpers import refusal


def test_a_name_is_read_back_as_the_protocol_it_stands_for():
    made = variant(PUBLISHED, steps_divisions=1, shuffle=True, learning_rate_scale=2)
    assert made.name == "published+shuffle=True+steps_divisions=1+learning_rate_scale=2.0"
    assert named(made.name) == made
    assert named("published+learning_rate_scale=2+steps_divisions=1+shuffle=true") == made
    assert named("corrected+shuffle=True") == CORRECTED
    assert variant(named("published+shuffle=True"), shuffle=False) == PUBLISHED


def test_every_switch_can_be_turned_by_name():
    for field in fields(protocol.Protocol)[1:]:
        switch, default, rule = field.name, field.default, field.metadata
        if "positions" in rule:
            value = next(p for p in rule["positions"] if p != default)
        else:
            value = rule["range"][1] / 2
            value = int(value) if isinstance(default, int) else value
        made = named(f"published+{switch}={value}")
        assert getattr(made, switch) == value != default
        assert type(getattr(made, switch)) is type(default)
        assert named(made.name) == made


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("publised", "no protocol 'publised' (did you mean published?); allowed is one of"),
        ("published+shufle=True", "no switch 'shufle'"),
        ("published+name=x", "no switch 'name'"),
        ("published+shuffle=yes", "shuffle = 'yes'; allowed is one of False, True"),
        ("published+clip=-1", "clip = -1.0; allowed is a number from 0 to"),
        ("published+clip=nan", "clip = nan"),
        ("published+clip=" + 400 * "9", "allowed is a number from 0 to"),
        ("published+input_average=2.5", "input_average = 2.5; allowed is a whole number"),
        ("published+weight_average=1", "weight_average = 1.0"),
    ],
)
def test_what_is_no_protocol_is_refused_in_one_line(text, message):
    with refusal(message):
        named(text)
