import { devHotkey } from '#adapters/wallet/dev-hotkey'
import type { JoinSubnet } from '#daemon/compose-network'
import { StaticChain } from './static-chain.ts'

/** The keys of the simulated subnet are public: nothing valuable may ever depend on them. */
export function standInHotkeys() {
  return {
    miner: devHotkey('miner'),
    validator: devHotkey('validator'),
    /** Registered, without a permit. */
    neighbour: devHotkey('neighbour'),
    /** Not registered. */
    stranger: devHotkey('stranger'),
  }
}

/** The miner of the simulated subnet, instead of the operator's hotkeys and the chain. Only `miner dev` uses it. */
export const joinStandInSubnet: JoinSubnet = async ({ board, clock }, _config, netuid) => {
  const { miner, validator, neighbour } = standInHotkeys()
  const members = [
    { hotkey: miner.address, stakeTao: 0, hasPermit: false },
    { hotkey: validator.address, stakeTao: 100_000, hasPermit: true },
    { hotkey: neighbour.address, stakeTao: 100_000, hasPermit: false },
  ]
  board.set('chain', { state: 'ok', sentence: `There is no chain: a simulated subnet of ${members.length} hotkeys.` })
  return { hotkeys: [miner.address], chain: new StaticChain({ clock }, { netuid, members }) }
}
