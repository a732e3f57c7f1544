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
  PREDICTION_UNREADABLE: {
    exit: 'badData',
    meaning: 'The paths of a prediction are gone, damaged, or of another release.',
    action: 'Its score, if replay made one, stays; look at the disk if others are damaged too.',
  },
  REAL_PATH_MISSING: {
    exit: 'tryAgain',
    meaning: 'The prices of the predicted period are not recorded yet, or the venue has forgotten them.',
    action: 'Wait until the period is over; "tuner minutes backfill" fetches what the venue still has.',
  },
  NOTHING_SCORED: {
    exit: 'tryAgain',
    meaning: 'There are no scores of that model in that period.',
    action: 'Run "tuner replay" for the period first.',
  },
  FIELD_FETCH_FAILED: {
    exit: 'tryAgain',
    meaning: 'Public scores of the subnet could not be fetched; what came is stored.',
    action: 'Run the command again: it asks only for what is missing.',
  },
  FIELD_RULES_UNKNOWN: {
    exit: 'failed',
    meaning: 'Public scores follow no rule that is known for their date: the subnet changed its rules.',
    action: 'Look at the named prompts; a rule is added in the file named by regimes.file.',
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
  STORE_BUSY: {
    exit: 'tryAgain',
    meaning: 'Another process holds the database.',
    action: 'Find out which; it is tried again by itself.',
  },
  STORE_CORRUPT: {
    exit: 'badData',
    meaning: 'The database is damaged, or the file is something else than a database of volcast.',
    action: 'Start the miner: it moves the file aside, byte for byte, and begins a new one. Or restore a backup.',
  },
  STORE_MISSING: {
    exit: 'badData',
    meaning: 'There is no database yet, or it is older than this release.',
    action: 'Check db.path; the first start of the miner makes the database and brings it up to date.',
  },
  JOURNAL_READ_FAILED: {
    exit: 'tryAgain',
    meaning: 'What was served cannot be read from the database.',
    action: 'Read the cause; restart the miner, which looks at the file and replaces it when it is damaged.',
  },
  JOURNAL_PRICES_MISSING: {
    exit: 'failed',
    meaning: 'Prices of some predictions are neither stored nor can they be made again; everything else was exported.',
    action: 'Look at the lines on standard error; --no-paths exports without prices.',
  },
  PREDICTION_UNKNOWN: {
    exit: 'usage',
    meaning: 'The journal holds no prediction of this name.',
    action: 'Run "tuner journal list" to see the newest names.',
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
  VOLATILITY_STORE_FAILED: {
    exit: 'tryAgain',
    meaning: 'The volatility states could not be read or stored (disk full, file locked or damaged).',
    action:
      'Free some disk space or end the process that holds the database; the miner goes on from memory and tries again each minute.',
  },
  MINUTES_INCOMPLETE: {
    exit: 'tryAgain',
    meaning: 'Some minutes of the range could not be fetched; those that could are stored.',
    action: 'Run the command again later; "tuner minutes status" shows what is missing.',
  },
  SCORES_STORE_FAILED: {
    exit: 'tryAgain',
    meaning: 'Scores of a replay could not be stored (disk full, file locked or damaged); of a day nothing was stored.',
    action: 'Free some disk space or end the process that holds the database, and run the command again: it goes on.',
  },
  REPLAY_INCOMPLETE: {
    exit: 'tryAgain',
    meaning: 'Some predictions could not be scored this time; those that could are stored.',
    action: 'Read the reasons above and run the command again: it goes on where it stopped.',
  },
  REPLAY_DAMAGED_PATHS: {
    exit: 'badData',
    meaning: 'Stored paths of the journal are not the ones that were served, or cannot be read; the others are scored.',
    action: 'Restore the database from a backup and run "tuner replay --again"; a failing disk is the usual cause.',
  },
  RULES_CHANGED: {
    exit: 'tryAgain',
    meaning: 'The rules changed between the plan of a replay and its work, or differ between machines.',
    action: 'Run the command again; on several machines the file named by regimes.file must be the same.',
  },
  JOBS_STORE_FAILED: {
    exit: 'tryAgain',
    meaning: 'The table of jobs could not be read or written (disk full, file locked or damaged).',
    action: 'Free some disk space or end the process that holds the database, and run the command again: it goes on.',
  },
  COMPETITION_UNKNOWN: {
    exit: 'usage',
    meaning: 'No competition has this name in the rules of the time asked for.',
    action: 'Run "tuner regimes at <instant>" to see the competitions.',
  },
  MODEL_UNKNOWN: {
    exit: 'usage',
    meaning: 'The model, or a parameter given with it, is not known.',
    action: 'Run "tuner replay --help" for the models and how parameters are written.',
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
  PARAMETER_UNKNOWN: {
    exit: 'usage',
    meaning: 'No parameter that a proposal may change has this name.',
    action: 'Run "tuner current" to see the parameters; docs/governance.md lists them with bounds and steps.',
  },
  PARAMETER_VALUE_INVALID: {
    exit: 'usage',
    meaning: 'The value is no number, or names a model that is not installed.',
    action: 'Give a number such as 0.93, or for a champion the name of a model.',
  },
  REASON_INVALID: {
    exit: 'usage',
    meaning: 'A change or its undoing needs a reason, in one line of at most 500 characters.',
    action: 'Write --reason "what was seen, and why this should help".',
  },
  CHANGE_OUT_OF_BOUNDS: {
    exit: 'failed',
    meaning: 'The proposed value lies outside the bounds of the parameter; the ledger is unchanged.',
    action: 'Run "tuner check ASSET PARAM" for bounds and step.',
  },
  CHANGE_STEP_TOO_LARGE: {
    exit: 'failed',
    meaning: 'The proposed value is further from the one in force than one step; the ledger is unchanged.',
    action: 'Run "tuner check ASSET PARAM" for bounds and step; go further with the next change.',
  },
  CHANGE_WITHOUT_EFFECT: {
    exit: 'failed',
    meaning: 'The proposed value is the one in force; the ledger is unchanged.',
    action: 'Run "tuner current" to see what is in force.',
  },
  CHANGE_TOO_EARLY: {
    exit: 'failed',
    meaning: 'Too little time has passed since the first start or the last change; the ledger is unchanged.',
    action: 'Wait until the date in the message; "tuner check ASSET PARAM" repeats it.',
  },
  CHANGE_IN_OBSERVATION: {
    exit: 'failed',
    meaning:
      'The last change of the asset is still observed, so nothing else of it may change; the ledger is unchanged.',
    action: 'Wait for the verdict, or undo the change with "tuner revert ID --reason TEXT".',
  },
  CHANGE_UNKNOWN: {
    exit: 'usage',
    meaning: 'No change has this number.',
    action: 'Run "tuner history" to see the changes.',
  },
  CHANGE_NOT_REVERTIBLE: {
    exit: 'failed',
    meaning: 'The change was undone already, or others were built on it; the ledger is unchanged.',
    action: 'Run "tuner history" to see what followed; undo the newest change first.',
  },
  EVIDENCE_MISSING: {
    exit: 'failed',
    meaning:
      'There are too few prompts, scored with old and new value, to tell whether the change helps; the ledger is unchanged.',
    action: 'Let the miner serve on and score it with "tuner replay", or decide yourself with --force and a reason.',
  },
  EVIDENCE_NOT_CONVINCING: {
    exit: 'failed',
    meaning: 'On the same prompts the new value does not score better by more than chance; the ledger is unchanged.',
    action: 'Leave the value, or decide against the evidence with --force and a reason; that is marked for good.',
  },
  EVIDENCE_UNKNOWN: {
    exit: 'usage',
    meaning: 'No evidence has this number, or it is about another change, or it is too old.',
    action: 'Leave --evidence away to measure anew.',
  },
  DIAGNOSIS_MISSING: {
    exit: 'tryAgain',
    meaning: 'Nothing of what was served has been scored yet, so there is nothing to suggest from.',
    action: 'Run "tuner replay" once prompts have settled.',
  },
  LEDGER_CLOCK_BEHIND: {
    exit: 'tryAgain',
    meaning: "This computer's clock stands before the last entry of the ledger; nothing was written.",
    action: 'Set the clock (timedatectl, chrony), then run the command again.',
  },
  LEDGER_BUSY: {
    exit: 'tryAgain',
    meaning: 'Another process holds the database; the ledger is unchanged.',
    action: 'Run the command again; if it stays so, end the process that holds the file.',
  },
  LEDGER_STORE_FAILED: {
    exit: 'tryAgain',
    meaning: 'The ledger could not be read or written (disk full, file damaged); nothing was written.',
    action: 'Free some disk space, check the file with "tuner history --verify"; restore a backup if it is damaged.',
  },
  LEDGER_DAMAGED: {
    exit: 'badData',
    meaning: 'The ledger was changed from outside: an entry does not fit its hash, the one before it, or the rules.',
    action: 'Restore the database from a backup; "tuner history --verify" names the first entry that does not fit.',
  },
  MODEL_REFUSED: {
    exit: 'badData',
    meaning: 'A model of the folder cannot be served: its file, its manifest or what it answers does not fit.',
    action: 'Mend what "miner models check <folder>" says; the running miner serves without that model.',
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
