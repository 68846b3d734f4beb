-- core_is_name(text), core_is_identifier(text): whether the text is in normalization form C, without
-- outer white space and characters that cannot be seen. Names may have joiners and variation
-- selectors; where a script needs them is for core/names.py to know.
-- core_normal_digest(text, bytea): the digest of a text in normalization form C, from that of the
-- text as it is.
-- Simple bodies, so that PostgreSQL inlines them into the constraints and indexes that use them.
CREATE FUNCTION core_is_name(value text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN value IS NFC NORMALIZED
        AND value = btrim(
            value,
            U&'\0009\000A\000B\000C\000D\0020\0085\00A0\1680\2000\2001\2002'
            '\2003\2004\2005\2006\2007\2008\2009\200A\2028\2029\202F\205F\3000'
        )
        AND value ~ ('^[^'
        '\u0001-\u001f\u007f-\u009f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891'
        '\u08e2\u115f-\u1160\u17b4-\u17b5\u180e\u200b\u200e-\u200f\u2028-\u2029\u202a-\u202e'
        '\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd'
        '\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff'
        '\U000e01f0-\U000e0fff'
        ']+$');

CREATE FUNCTION core_is_identifier(value text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN core_is_name(value)
        AND value !~ '[\u180b-\u180d\u180f\u200c-\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef]';

CREATE FUNCTION core_normal_digest(value text, digest bytea) RETURNS bytea
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN value IS NFC NORMALIZED THEN digest
        ELSE core_digest(core_netstring(normalize(value, NFC))) END;
