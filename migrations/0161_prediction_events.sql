-- The scheduled event for which a prediction was kept. Its `reason` is then 'sessionEdge', another moment of the calendar:
-- the check of that column knows no further word, and another check would mean to write the whole table again.
alter table predictions add column event text;
