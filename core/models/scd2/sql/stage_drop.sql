-- Nothing of a load is left behind.
DROP TABLE IF EXISTS {tables}
