-- core_netstring(value): '<octets>:<canonical text>', '-' for NULL; one overload a column type.
-- core_digest(text): SHA-256 of its UTF-8 octets.
-- Simple bodies, so that PostgreSQL inlines them into the generated columns that use them.
CREATE FUNCTION core_netstring(value text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce(octet_length(value)::text || ':' || value, '-');

CREATE FUNCTION core_netstring(value boolean) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN value THEN '4:true' WHEN NOT value THEN '5:false' ELSE '-' END;

CREATE FUNCTION core_netstring(value bigint) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN core_netstring(value::text);

CREATE FUNCTION core_netstring(value numeric) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN core_netstring(trim_scale(value)::text);

CREATE FUNCTION core_netstring(value uuid) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN core_netstring(value::text);

CREATE FUNCTION core_netstring(value date) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN core_netstring((value - date '1970-01-01')::text);

CREATE FUNCTION core_netstring(value timestamptz) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN core_netstring((extract(epoch FROM value AT TIME ZONE 'UTC') * 1000000)::bigint::text);

CREATE FUNCTION core_digest(netstrings text) RETURNS bytea
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN sha256(decode(replace(netstrings, '\', '\\'), 'escape'));
