AND version.entity_type = %(type)s -- parameters: type
