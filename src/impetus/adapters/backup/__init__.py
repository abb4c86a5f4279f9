"""Backups: the whole of an installation in sealed pieces, each under the key of the class and day of what it holds.

A piece of alerts closed on 1 March lies under the same key in every backup. Retention destroys that key when their time
is over, and the piece is unreadable in every copy there is, in a drawer too. The manifest says what there is, under which
key and with which hash, holds nothing personal, and is signed. The format is in `docs/reference/backups.md`.
"""
