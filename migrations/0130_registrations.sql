-- Who registered on which uid, and when: public scores name a uid only. Kept, because a metagraph knows the last one only.
create table uid_registrations (
  -- '<netuid> <genesis hash>' of the metagraph, or 'api' for the public list.
  network text not null,
  uid integer not null check (uid between 0 and 65535),
  hotkey text not null,
  -- 0 in the public list, which knows times only.
  registered_at_block integer not null check (registered_at_block >= 0),
  registered_at_ms integer not null,
  primary key (network, uid, hotkey, registered_at_block)
) strict, without rowid;

insert into uid_registrations (network, uid, hotkey, registered_at_block, registered_at_ms)
  select g.netuid || ' ' || g.genesis_hash, uid, hotkey, registered_at_block,
         taken_at_ms - 12000 * (block - registered_at_block)
    from metagraphs g join metagraph_neurons n on n.netuid = g.netuid and n.genesis_hash = g.genesis_hash
   where registered_at_block is not null;
