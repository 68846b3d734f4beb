-- Make the application role; the owner must be allowed to create roles.
CREATE ROLE {role} LOGIN PASSWORD {password}
