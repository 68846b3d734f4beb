-- What is contained holds as long as the row that says it.
UPDATE {staged} AS staged
SET valid_to = own.valid_to, future = own.future
FROM {own} AS own
WHERE own.ordinal = staged.ordinal
