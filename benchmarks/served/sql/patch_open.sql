-- Open a version.
-- parameters: uuid, entity_type, name, instant, actor_id, actor; rows: none
INSERT INTO entities_entity (
    uuid, entity_type, display_name, valid_from, system_from, actor_id, actor, reason
)
VALUES (
    %(uuid)s, %(entity_type)s, %(name)s, %(instant)s, %(instant)s, %(actor_id)s, %(actor)s, ''
)
