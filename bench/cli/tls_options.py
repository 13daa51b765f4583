"""Options that name the files of a connection over TLS."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from bench.cli.campaign_options import FILE
from bench.stations.tls_table import HOST_KEY

HELP = {
    "ca_file": "tls:// only: certificates (PEM) the device's own must lead to; the system's otherwise.",
    "certificate_file": "tls:// only: certificate of the bench, for a device that asks for one.",
    "key_file": "tls:// only: its key, if that is not in the same file.",
}
ANY_HOST_NAME = "tls:// only: the device's certificate need not carry its address."
Command = Callable[..., Any]


def with_tls_files(command: Command) -> Command:
    """Give a command the options, and what they state as its argument `tls`."""

    @functools.wraps(command)
    def called(*arguments: Any, any_host_name: bool, **options: Any) -> Any:
        files: dict[str, Path | None] = {name: options.pop(name) for name in HELP}
        tls: dict[str, Any] = {name: file for name, file in files.items() if file}
        if any_host_name:
            tls[HOST_KEY] = False
        return command(*arguments, tls=tls, **options)

    options = [click.option(f"--{_dashed(name)}", type=FILE, help=HELP[name]) for name in HELP]
    options.append(click.option("--any-host-name", is_flag=True, help=ANY_HOST_NAME))
    return functools.reduce(lambda made, option: option(made), reversed(options), called)


def _dashed(name: str) -> str:
    return name.replace("_", "-")
