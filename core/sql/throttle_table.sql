-- core_throttle: when each caller would be due next, did they keep to their rate exactly.
-- Unlogged: counting costs no flush of the log, and a crash of the server forgives everybody.
-- Half of every page is left free, so that an update stays on its page and touches no index.
CREATE UNLOGGED TABLE core_throttle (
    caller text CONSTRAINT core_throttle_pkey PRIMARY KEY,
    due timestamptz NOT NULL
) WITH (fillfactor = 50);
