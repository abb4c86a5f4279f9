"""The durable log behind the local bus: frames in segment files, a shared tail, one writer at a time, any readers.

A topic is a directory. Its messages lie in segment files named by their first offset; whoever appends holds the topic's
lock, writes frames behind the tail, makes them durable, and only then moves the tail, which every process maps into
memory. Readers stop at the tail, so nobody acts on what a power cut could take back. The file format and its invariants
are in `docs/reference/bus.md`.
"""
