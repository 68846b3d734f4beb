-- The staged Changes of the things on which something changes: to the end of the transaction.
DROP TABLE IF EXISTS {narrow};
CREATE TEMPORARY TABLE {narrow} ON COMMIT DROP AS
SELECT staged.* FROM {staged} AS staged JOIN {changed} AS changed ON changed.root = staged.{root};
ANALYZE {narrow}
