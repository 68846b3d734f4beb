-- Pieces go with their file, at once and not at the end of the transaction; they are kept as they
-- are, for what is uploaded is compressed already or is read once.
ALTER TABLE core_keptpiece
    ADD CONSTRAINT core_keptpiece_file FOREIGN KEY (file_id)
    REFERENCES core_keptfile (id) ON DELETE CASCADE;
ALTER TABLE core_keptpiece ALTER COLUMN content SET STORAGE EXTERNAL;
