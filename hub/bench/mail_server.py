"""`python -m hub.bench.mail_server PORT`: a mail server that takes every mail, so that the sender is measured."""

import socket
import sys
import threading

ANSWERS = {b"EHLO": b"250-here\r\n250 8BITMIME\r\n", b"HELO": b"250 here\r\n", b"QUIT": b"221 bye\r\n"}


def serve(line: socket.socket) -> None:
    """One connection, until it says QUIT or hangs up."""
    with line, line.makefile("rb", 65536) as said:
        line.sendall(b"220 here\r\n")
        while command := said.readline()[:4].upper():
            if command == b"DATA":
                line.sendall(b"354 go on\r\n")
                while said.readline() != b".\r\n":
                    pass
            line.sendall(ANSWERS.get(command, b"250 ok\r\n"))
            if command == b"QUIT":
                return


def main() -> None:
    """Take connections until somebody stops it."""
    with socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=50) as door:
        while True:
            line, _from = door.accept()
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=serve, args=(line,), daemon=True).start()


if __name__ == "__main__":
    main()
