"""Reads YAML that a user wrote: a sweep file, or papermill's options ``-y``, ``-f`` and ``-b``."""

import contextlib

import yaml

from harlib.errors import UserError, one_line


class _Loader(yaml.SafeLoader):
    """YAML without objects, dates, and what it would read other than it is written."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise UserError(f"{one_line(str(key))} is given twice")
        return super().construct_mapping(node, deep)

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        value = super().construct_yaml_int(node)
        with contextlib.suppress(ValueError):
            if int(node.value, 0) == value:
                return value
        raise UserError(
            f"{one_line(node.value)} is {value} in YAML: write the number that is meant"
        )


_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_yaml_int)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _Loader.construct_yaml_str)


def read_yaml(text: str) -> object:
    """What a YAML text holds; YAMLError, ValueError, TypeError or RecursionError if it is none.

    A UserError where a key comes twice, of which YAML would keep the last, or a number is not as it
    is written: ``010`` is eight to YAML.
    """
    return yaml.load(text, _Loader)
