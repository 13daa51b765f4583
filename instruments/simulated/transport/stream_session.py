"""Messages on a bare stream of bytes: raw sockets, serial lines and Modbus TCP.

An instrument on a stream cannot see whether an answer has been read: answers queue up, and neither
device clear nor serial poll exists.
"""

from __future__ import annotations

from instruments.simulated.transport.services import Access, Channel, OpenSession


class StreamSession:
    """Cuts the stream as the service says and sends answers as they are."""

    def __init__(self, access: Access, channel: Channel, clients: set[Channel]) -> None:
        self._access = access
        self._channel = channel
        self._clients = clients
        self._split = access.service.split
        if access.admits(len(clients)):
            clients.add(channel)
        else:
            channel.hang_up()

    def receive(self, received: bytearray) -> None:
        while (message := self._split(received)) is not None:
            reply = self._access.execute(message)
            self._channel.deliver(reply.data, reply)

    def closed(self) -> None:
        self._clients.discard(self._channel)


def stream_sessions(access: Access) -> OpenSession:
    """Return what opens a session on each connection."""
    clients: set[Channel] = set()
    return lambda channel: StreamSession(access, channel, clients)
