-- The answer of a change may be lost: for two minutes the same change, sent again by the session that
-- made it, is known by its time. Null: not changed since the user registered.

ALTER TABLE identity.users ADD COLUMN password_changed_at timestamptz, ADD COLUMN pin_changed_at timestamptz;
