-- Governance has a file of its own from here on (migrations/governance). The rows are copied there and compared before this
-- runs, in the same transaction (adapters/sqlite/governance-move.ts).
drop view verdicts;
drop view observations;
drop view changes;
drop table open_changes;
drop table ledger;
drop table evidence;
drop table governance_runs;
drop table miner_facts;
