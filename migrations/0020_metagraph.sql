-- The newest metagraph of each subnet, so that a restart during an outage of the chain knows whom to admit.
create table metagraphs (
  netuid integer not null check (netuid between 0 and 65535),
  genesis_hash text not null,
  spec_version integer not null check (spec_version >= 0),
  block integer not null check (block >= 0),
  taken_at_ms integer not null check (taken_at_ms > 0),
  neuron_count integer not null check (neuron_count > 0),
  primary key (netuid, genesis_hash)
) strict;

create table metagraph_neurons (
  netuid integer not null,
  genesis_hash text not null,
  uid integer not null check (uid between 0 and 65535),
  hotkey text not null,
  coldkey text not null,
  stake_tao real not null check (stake_tao >= 0),
  alpha_stake_tao real not null check (alpha_stake_tao >= 0),
  tao_stake_tao real not null check (tao_stake_tao >= 0),
  has_permit integer not null check (has_permit in (0, 1)),
  axon_ip text not null,
  axon_port integer not null check (axon_port between 0 and 65535),
  axon_block integer not null check (axon_block >= 0),
  last_update_block integer not null,
  registered_at_block integer not null,
  emission_alpha real not null,
  incentive real not null,
  dividends real not null,
  primary key (netuid, genesis_hash, uid),
  unique (netuid, genesis_hash, hotkey),
  foreign key (netuid, genesis_hash) references metagraphs (netuid, genesis_hash) on delete cascade
) strict;
