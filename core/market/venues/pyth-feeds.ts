/**
 * Pyth's feed ids (Hermes asks and answers by id) for the names that its history uses. Ids are public and never change;
 * a renamed feed keeps its id.
 */
const feedIds = {
  'Crypto.BTC/USD': 'e62df6c8b4a85fe1a67db44dc12de5db330f7ac66b72dc658afedf0f4a415b43',
  'Crypto.ETH/USD': 'ff61491a931112ddf1bd8147cd1b641375f79f5825126d665480874634fd0ace',
  'Crypto.SOL/USD': 'ef0d8b6fda2ceba41da15d4095d1da392a0d2f8ed0c6c7bc0f4cfac8c280b56d',
  'Crypto.XRP/USD': 'ec5d399846a9209f3fe5881d70aae9268c94339ff9817e8d18ff19fa05eea1c8',
  'Crypto.HYPE/USD': '4279e31cc369bbcc2faf022b382b080e32a8e689ff20fbc530d2a603eb6cd98b',
  'Crypto.XAUT/USD': '44465e17d2e9d390e70c999d5a11fda4f092847fcd2e3e5aa089d96c98a30e67',
  'Metal.XAU/USD': '765d2ba906dbc32ca17cc11f5310a89e9ee1f6420508c63861f2f8ba4ee34bb2',
  'Crypto.SPYX/USD': '2817b78438c769357182c04346fddaad1178c82f4048828fe0997c3c64624e14',
  'Crypto.NVDAX/USD': '4244d07890e4610f46bbde67de8f43a4bf8b569eebe904f136b469f148503b7f',
  'Crypto.TSLAX/USD': '47a156470288850a440df3a6ce85a55917b813a19bb5b31128a33a986566a362',
  'Crypto.AAPLX/USD': '978e6cc68a119ce066aa830017318563a9ed04ec3a0a6439010fc11296a58675',
  'Crypto.GOOGLX/USD': 'b911b0329028cd0283e4259c33809d62942bd2716a58084e5f31d64c00b5424e',
} as const

const idsByName: ReadonlyMap<string, string> = new Map(Object.entries(feedIds))

/** Lower case, without 0x; undefined for a name that is not in the table. */
export function pythFeedId(name: string): string | undefined {
  return idsByName.get(name)
}
