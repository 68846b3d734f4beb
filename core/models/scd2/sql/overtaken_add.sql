-- Changes that the general plan found overtaken.
COPY {overtaken} (ordinal, since, {key}) FROM STDIN
