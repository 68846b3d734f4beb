-- Ends that rows say by themselves are told by what is uncovered.
DELETE FROM {staged} AS staged WHERE staged.kind = 'r' AND NOT staged.implied
