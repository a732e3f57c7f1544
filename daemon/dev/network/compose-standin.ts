import { devHotkey } from '#adapters/wallet/dev-hotkey'
import type { JoinSubnet } from '../../compose-network.ts'
import { StaticChain } from './static-chain.ts'

/** The members of the made-up subnet. Everybody has their keys: nothing of worth may ever depend on them. */
export const standInMiner = devHotkey('miner')
export const standInValidator = devHotkey('validator')
/** Registered, without a permit. */
export const standInNeighbour = devHotkey('neighbour')
/** Not registered. */
export const standInStranger = devHotkey('stranger')

/** The miner of the made-up subnet, in place of the operator's hotkeys and the chain. Only `miner dev` joins it. */
export const joinStandInSubnet: JoinSubnet = async ({ board, clock }) => {
  const members = [
    { hotkey: standInMiner.address, stakeTao: 0, hasPermit: false },
    { hotkey: standInValidator.address, stakeTao: 100_000, hasPermit: true },
    { hotkey: standInNeighbour.address, stakeTao: 100_000, hasPermit: false },
  ]
  board.set('chain', { state: 'ok', sentence: `There is no chain: a made-up subnet of ${members.length} hotkeys.` })
  return { hotkeys: [standInMiner.address], chain: new StaticChain({ clock }, members) }
}
