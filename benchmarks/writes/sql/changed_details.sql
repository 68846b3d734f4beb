-- The staged details that are not what they are now.
CREATE TEMPORARY TABLE changed_detail AS
SELECT staged.* FROM staged_detail AS staged
WHERE NOT EXISTS (
    SELECT FROM entities_entitydetail AS version
    WHERE version.entity_uuid = staged.entity_uuid
        AND version.detail_code = staged.detail_code
        AND version.is_current
        AND version.value = staged.value
)
