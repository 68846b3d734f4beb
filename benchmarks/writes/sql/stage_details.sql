-- The values of a file.
COPY staged_detail FROM STDIN
