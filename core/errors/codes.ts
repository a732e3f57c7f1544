/**
 * Every error code of the project: what it means, what to do, and how a program ends on it.
 * docs/errors.md is generated from this table.
 */
export const exitCodes = {
  done: 0,
  failed: 1,
  locked: 3,
  listen: 4,
  wrongChain: 5,
  usage: 64,
  badData: 65,
  bug: 70,
  tryAgain: 75,
  config: 78,
} as const

export type ExitName = keyof typeof exitCodes

export interface CodeEntry {
  readonly exit: ExitName
  readonly meaning: string
  readonly action: string
}

const table = {
  CONFIG_INVALID: {
    exit: 'config',
    meaning: 'A setting is unknown, has the wrong type, or lies outside its range.',
    action: 'Mend the named key; docs/config.md lists every key with what it takes.',
  },
  CONFIG_FILE_UNREADABLE: {
    exit: 'config',
    meaning: 'The configuration file cannot be read or is not YAML.',
    action: 'Check the path given by --config or VOLCAST_CONFIG.',
  },
  USAGE: {
    exit: 'usage',
    meaning: 'The command line is not understood.',
    action: 'Run the command with --help.',
  },
  INPUT_FILE_UNREADABLE: {
    exit: 'badData',
    meaning: 'A file named on the command line cannot be read.',
    action: 'Check the path and its permissions.',
  },
  INPUT_INVALID: {
    exit: 'badData',
    meaning: 'A file holds something else than what the command needs; the message names file and position.',
    action: 'Mend the file; nothing was written.',
  },
  STORE_OPEN_FAILED: {
    exit: 'tryAgain',
    meaning: 'The database file cannot be opened.',
    action: 'Check that the folder exists and is writable, and that the disk is not full.',
  },
  STORE_NEWER: {
    exit: 'config',
    meaning: 'The database was written by a newer release.',
    action: 'Upgrade volcast, or point db.path at another file.',
  },
  STORE_MIGRATION_CHANGED: {
    exit: 'config',
    meaning: 'A migration that this database has already applied differs from the file of this release.',
    action: 'Restore the released migration file; never edit one that has been applied.',
  },
  STORE_MIGRATION_FAILED: {
    exit: 'tryAgain',
    meaning: 'A migration failed; the database is as it was before.',
    action: 'Read the cause; restore the newest backup if the file itself is damaged.',
  },
  DATA_DIR_LOCKED: {
    exit: 'locked',
    meaning: 'Another miner runs on the same data folder.',
    action: 'Stop the other process, or give this one its own db.path.',
  },
  LISTEN_FAILED: {
    exit: 'listen',
    meaning: 'The port cannot be opened.',
    action: 'Choose another port, or stop the process that holds it.',
  },
  SCORING_INTERVAL_TOO_SHORT: {
    exit: 'badData',
    meaning: 'A scoring interval or volatility block is shorter than one step of the paths.',
    action: 'Give the regime intervals of at least the time increment, or check --regime.',
  },
  SCORING_SHAPE_MISMATCH: {
    exit: 'badData',
    meaning: 'The simulated paths and the real path do not have the same number of points, or there is no path.',
    action: 'Score an answer against the real path of the same prompt; both need horizon / step + 1 points.',
  },
  REGIME_INVALID: {
    exit: 'config',
    meaning:
      "The file with the operator's own regimes does not fit: an unknown name, a missing field, a contradiction.",
    action: 'Mend the named path; "tuner regimes show <id>" prints a known regime in the same form.',
  },
  REGIME_UNKNOWN: {
    exit: 'usage',
    meaning: 'No regime has this name, or none is known for the instant.',
    action: 'Choose one of "tuner regimes list", or add it to the file named by regimes.file.',
  },
  ASSET_UNKNOWN: {
    exit: 'usage',
    meaning: 'The asset is not asked for under these rules.',
    action: 'Run "tuner regimes at <instant>" to see who is asked for what.',
  },
  HORIZON_UNKNOWN: {
    exit: 'usage',
    meaning: 'No prompt of this length exists under these rules.',
    action: 'Run "tuner regimes at <instant>" to see who is asked for what.',
  },
  RULE_VALUE_UNKNOWN: {
    exit: 'config',
    meaning: 'The rules of that time hold a number that was never published.',
    action: 'State it in the file named by regimes.file ("amends: <id>"), or choose another regime with --regime.',
  },
  OUTPUT_FAILED: {
    exit: 'tryAgain',
    meaning: 'A file cannot be written; nothing half-written is left behind.',
    action: 'Check that the folder is writable and that the disk is not full.',
  },
  REALIZED_PATH_WRITE_FAILED: {
    exit: 'tryAgain',
    meaning: 'A realised path could not be stored (disk full, file locked or damaged).',
    action: 'Free some disk space or end the process that holds the database; the path is built again when asked for.',
  },
  MINUTES_STORE_FAILED: {
    exit: 'tryAgain',
    meaning:
      'One-minute closes could not be read or stored (disk full, file locked or damaged); of a batch nothing was stored.',
    action: 'Free some disk space or end the process that holds the database; missing minutes are asked for again.',
  },
  MINUTES_INCOMPLETE: {
    exit: 'tryAgain',
    meaning: 'Some minutes of the range could not be fetched; those that could are stored.',
    action: 'Run the command again later; "tuner minutes status" shows what is missing.',
  },
  WALLET_NAME_INVALID: {
    exit: 'config',
    meaning: 'A wallet or hotkey name is not the name of one file.',
    action: 'Write the bare name, e.g. wallet.name default; wallet.path says where the wallets lie.',
  },
  WALLET_FILE_MISSING: {
    exit: 'config',
    meaning: 'The hotkey file does not exist.',
    action: 'Check wallet.path, wallet.name and wallet.hotkeys; "btcli wallet list" shows what there is.',
  },
  WALLET_FILE_UNREADABLE: {
    exit: 'config',
    meaning: 'The hotkey file exists but cannot be read, or is far too large to be one.',
    action: 'Check that the user of the miner owns the file.',
  },
  WALLET_FILE_OPEN_TO_OTHERS: {
    exit: 'config',
    meaning: 'Other users of this computer may read the hotkey or password file.',
    action: 'Run "chmod 600" on it, or set wallet.allowOpenKeyFile to true.',
  },
  WALLET_KEY_INVALID: {
    exit: 'config',
    meaning: 'The content of the hotkey file is damaged or is not a hotkey.',
    action: 'Restore the file from its mnemonic with "btcli wallet regen-hotkey".',
  },
  WALLET_KEY_UNSUPPORTED: {
    exit: 'config',
    meaning: 'The hotkey file holds a key that a miner cannot sign with.',
    action: 'Use an sr25519 hotkey with its secret, as "btcli wallet new-hotkey" makes it.',
  },
  WALLET_ADDRESS_MISMATCH: {
    exit: 'config',
    meaning: 'The secret of the hotkey file belongs to another address than the file says.',
    action: 'Do not use the file; restore it from its mnemonic with "btcli wallet regen-hotkey".',
  },
  WALLET_PASSWORD_MISSING: {
    exit: 'config',
    meaning: 'The hotkey file is encrypted and no password was found.',
    action: 'Set wallet.passwordFile, or BT_WALLET_PASSWORD, or the BT_PW_ variable of the Bittensor tools.',
  },
  WALLET_PASSWORD_WRONG: {
    exit: 'config',
    meaning: 'The password does not open the hotkey file.',
    action: 'Check the password; "miner wallet show --unlock" asks for it.',
  },
  CHAIN_WRONG: {
    exit: 'wrongChain',
    meaning: 'The node serves another chain than the configured one; nothing was signed.',
    action: 'Check chain.endpoints, chain.network and chain.genesisHash.',
  },
  CHAIN_UNREACHABLE: {
    exit: 'tryAgain',
    meaning: 'No endpoint of the chain answers.',
    action: 'Check the network and chain.endpoints; the running miner retries by itself.',
  },
  CHAIN_GENESIS_UNKNOWN: {
    exit: 'config',
    meaning: 'A chain of your own has no known genesis hash, so it cannot be told from another one.',
    action: 'Set chain.genesisHash to the hash of its block 0.',
  },
  AXON_IP_NOT_PUBLIC: {
    exit: 'config',
    meaning: 'The address to announce cannot be reached from outside: private, loopback, link-local, CGNAT or zero.',
    action: 'Set chain.externalIp to the public IPv4 address of this computer.',
  },
  AXON_PORT_INVALID: {
    exit: 'config',
    meaning: 'The port to announce is not a port.',
    action: 'Set chain.externalPort, or axon.port, to a number from 1 to 65535.',
  },
  DEMO_FAILED: {
    exit: 'failed',
    meaning:
      'The demonstration saw a prompt without a right answer, or a bad request that was not refused as it should be.',
    action: "Read the miner's log that is named; a machine under heavy load may be the cause.",
  },
  DEMO_STOPPED: {
    exit: 'tryAgain',
    meaning: 'The demonstration was stopped before its time was over, so it says nothing.',
    action: 'Run it again to its end.',
  },
  BUG: {
    exit: 'bug',
    meaning: 'An error that nobody expected.',
    action: 'Report it with the stack trace.',
  },
} as const satisfies Record<string, CodeEntry>

export type ErrorCode = keyof typeof table

export const errorTable: Readonly<Record<ErrorCode, CodeEntry>> = table
