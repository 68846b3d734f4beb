-- Who calls: a token that is still good, its user, and all that the user may do.
-- parameters: digest, now
-- rows: one or none: (columns of the token, columns of the user, permissions text[])
SELECT
    {token}, {user},
    ARRAY(
        SELECT type.app_label || '.' || permission.codename
        FROM (
            SELECT own.permission_id FROM cockpit_auth_user_user_permissions AS own
            WHERE own.user_id = token.user_id
            UNION
            SELECT given.permission_id
            FROM cockpit_auth_user_groups AS membership
            JOIN auth_group_permissions AS given ON given.group_id = membership.group_id
            WHERE membership.user_id = token.user_id
        ) AS held
        JOIN auth_permission AS permission ON permission.id = held.permission_id
        JOIN django_content_type AS type ON type.id = permission.content_type_id
    ) AS permissions
FROM cockpit_auth_token AS token
JOIN cockpit_auth_user AS usr ON usr.id = token.user_id
WHERE token.digest = %(digest)s
    AND usr.is_active
    AND (token.expiry IS NULL OR token.expiry > %(now)s)
