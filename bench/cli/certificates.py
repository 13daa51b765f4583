"""`bench certificates`: a set of certificates for a test with the utility server."""

from __future__ import annotations

from pathlib import Path

import click

from instruments.errors import ConfigurationError
from instruments.utility_server.identity import lfdi_of_pem, sfdi_of


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--host", default="127.0.0.1", help="Name or address under which clients find the server."
)
def certificates(folder: Path, host: str) -> None:
    """Write an authority, a server's and a client's certificate into an empty FOLDER.

    client.pem and client.key go into the gateway or inverter under test, with authorities.pem to trust.
    """
    try:
        from instruments.utility_server.certificates import make_certificates
    except ImportError as error:
        raise ConfigurationError(
            "bench certificates takes the optional extra csip: pip install inverter-compliance-bench[csip]"
        ) from error
    make_certificates(folder, host)
    lfdi = lfdi_of_pem((folder / "client.pem").read_text(encoding="ascii"))
    click.echo(f"{folder}: server.pem and client.pem under authorities.pem, for https://{host}")
    click.echo(f"The client's LFDI is {lfdi}, its SFDI {sfdi_of(lfdi)}.")
