-- Sessions of people who stay away are swept, a few at each sign-in of somebody else.

-- safe: nobody is signed in before the first release, and the index is built at once
CREATE INDEX sessions_by_end ON identity.sessions (idle_until);
