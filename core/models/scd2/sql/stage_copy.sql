-- The staged Changes of one model, as they come.
COPY {staged} ({columns}) FROM STDIN
