-- A version of {row} holds at an instant as it is believed now; the index of the exclusion constraint
-- finds it at any depth.
{row}.system_to IS NULL AND tstzrange({row}.valid_from, {row}.valid_to) @> {as_of}
