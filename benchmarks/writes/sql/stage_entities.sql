-- The values of a file.
COPY staged_entity FROM STDIN
