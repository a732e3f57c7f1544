-- A runtime may rename or drop what admission does not need: those columns may be null.
create table metagraph_neurons_new (
  netuid integer not null,
  genesis_hash text not null,
  uid integer not null check (uid between 0 and 65535),
  hotkey text not null,
  coldkey text,
  stake_tao real not null check (stake_tao >= 0),
  alpha_stake_tao real check (alpha_stake_tao >= 0),
  tao_stake_tao real check (tao_stake_tao >= 0),
  has_permit integer not null check (has_permit in (0, 1)),
  axon_ip text not null,
  axon_port integer not null check (axon_port between 0 and 65535),
  axon_block integer not null check (axon_block >= 0),
  last_update_block integer,
  registered_at_block integer,
  emission_alpha real,
  incentive real,
  dividends real,
  primary key (netuid, genesis_hash, uid),
  unique (netuid, genesis_hash, hotkey),
  foreign key (netuid, genesis_hash) references metagraphs (netuid, genesis_hash) on delete cascade
) strict;

insert into metagraph_neurons_new
  select netuid, genesis_hash, uid, hotkey, coldkey, stake_tao, alpha_stake_tao, tao_stake_tao, has_permit, axon_ip,
         axon_port, axon_block, last_update_block, registered_at_block, emission_alpha, incentive, dividends
    from metagraph_neurons;

drop table metagraph_neurons;

alter table metagraph_neurons_new rename to metagraph_neurons;
