"""The tamper-evident log: a Merkle tree of entries, in tiles, under signed checkpoints. Pure."""
