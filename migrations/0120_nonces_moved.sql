-- Nonces have a file of their own from here on (migrations/nonces). The rows are copied there before this runs, in the same
-- transaction (adapters/sqlite/nonce-move.ts).
drop table nonces;
drop table nonce_floors;
