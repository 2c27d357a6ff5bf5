"""The yearly report of what families said about the SEND local offer, with the answers."""
