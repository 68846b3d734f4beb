-- Staged Changes of one model in the binary format.
COPY {staged} ({columns}) FROM STDIN (FORMAT binary)
