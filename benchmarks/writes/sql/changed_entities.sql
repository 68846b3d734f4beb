-- The staged entities that are not what they are now.
CREATE TEMPORARY TABLE changed_entity AS
SELECT staged.* FROM staged_entity AS staged
WHERE NOT EXISTS (
    SELECT FROM entities_entity AS version
    WHERE version.uuid = staged.uuid
        AND version.is_current
        AND version.entity_type = staged.entity_type
        AND version.display_name = staged.display_name
)
