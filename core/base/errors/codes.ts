/**
 * Every error code of the project: what it means, what to do, and the exit code. docs/errors.md is generated from this
 * table.
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
    meaning: 'A setting is unknown, has the wrong type, or is outside its range.',
    action: 'Correct the named key; docs/config.md lists every key with its possible values.',
  },
  CONFIG_FILE_UNREADABLE: {
    exit: 'config',
    meaning: 'The configuration file cannot be read or is not YAML.',
    action: 'Check the path given by --config or VOLCAST_CONFIG.',
  },
  PREDICTION_UNREADABLE: {
    exit: 'badData',
    meaning: 'The paths of a prediction are missing, damaged, or of another release.',
    action: 'A score that replay has made stays. If others are damaged too, check the disk.',
  },
  REAL_PATH_MISSING: {
    exit: 'tryAgain',
    meaning: 'The prices of the predicted period are not recorded yet, or the venue no longer has them.',
    action: 'Wait until the period is over; "tuner minutes backfill" fetches what the venue still has.',
  },
  NOTHING_SCORED: {
    exit: 'tryAgain',
    meaning: 'There are no scores of that model in that period.',
    action: 'Run "tuner replay" for the period first.',
  },
  FIELD_FETCH_FAILED: {
    exit: 'tryAgain',
    meaning: 'Public scores of the subnet could not be fetched; those that arrived are stored.',
    action: 'Run the command again: it asks only for missing scores.',
  },
  FIELD_WEIGHTS_DIFFER: {
    exit: 'failed',
    meaning: 'The weights that we calculate from the public scores are not those that the validator published.',
    action:
      'Look at the named update and uid: a uid that changed hands unseen, a prompt that is missing, or new rules.',
  },
  FIELD_RULES_UNKNOWN: {
    exit: 'failed',
    meaning: 'No known rule explains the public scores of this date: the subnet has changed its rules.',
    action: 'Look at the named prompts; add the rule to the file named in regimes.file.',
  },
  USAGE: {
    exit: 'usage',
    meaning: 'The command line is not valid.',
    action: 'Run the command with --help.',
  },
  INPUT_FILE_UNREADABLE: {
    exit: 'badData',
    meaning: 'A file named on the command line cannot be read.',
    action: 'Check the path and its permissions.',
  },
  INPUT_INVALID: {
    exit: 'badData',
    meaning: 'The content of a file is not what the command needs; the message names file and position.',
    action: 'Correct the file; nothing was written.',
  },
  STORE_OPEN_FAILED: {
    exit: 'tryAgain',
    meaning: 'The database file cannot be opened.',
    action: 'Check that the folder exists and is writable, and that the disk is not full.',
  },
  STORE_NEWER: {
    exit: 'config',
    meaning: 'The database was written by a newer release.',
    action: 'Upgrade volcast, or set db.path to another file.',
  },
  STORE_MIGRATION_CHANGED: {
    exit: 'config',
    meaning: 'A migration that this database has already applied differs from the file of this release.',
    action: 'Restore the released migration file; never edit one that has been applied.',
  },
  STORE_MIGRATION_FAILED: {
    exit: 'tryAgain',
    meaning: 'A migration failed; the database is unchanged.',
    action: 'Read the cause; restore the newest backup if the file itself is damaged.',
  },
  STORE_BUSY: {
    exit: 'tryAgain',
    meaning: 'Another process holds the database.',
    action: 'Find that process. The miner retries by itself.',
  },
  STORE_CORRUPT: {
    exit: 'badData',
    meaning: 'The database is damaged, or the file is not a database of volcast.',
    action: 'Start the miner: it moves the file aside, byte for byte, and creates a new one. Or restore a backup.',
  },
  STORE_FOREIGN: {
    exit: 'config',
    meaning: 'The file is the database of another program; nothing was changed.',
    action: 'Set db.path to the file of the miner, or to one that does not exist yet.',
  },
  STORE_MISSING: {
    exit: 'badData',
    meaning: 'There is no database here, or it is older than this release; nothing was created.',
    action: 'Check db.path; the first start of the miner creates or upgrades the database.',
  },
  JOURNAL_READ_FAILED: {
    exit: 'tryAgain',
    meaning: 'What was served cannot be read from the database.',
    action: 'Read the cause; restart the miner, which checks the file and replaces it if it is damaged.',
  },
  JOURNAL_CHAIN_BROKEN: {
    exit: 'badData',
    meaning: 'The records of the journal are not those that its chain of hashes was made of.',
    action: 'If a damaged database was rebuilt since, the chain shows what it lost. Otherwise compare with a backup.',
  },
  JOURNAL_PRICES_MISSING: {
    exit: 'failed',
    meaning:
      'The prices of some predictions are not stored and cannot be computed again; everything else was exported.',
    action: 'Read the lines on standard error; --no-paths exports without prices.',
  },
  PREDICTION_UNKNOWN: {
    exit: 'usage',
    meaning: 'The journal has no prediction with this name.',
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
    action: 'Use intervals of at least the time increment in the regime, or check --regime.',
  },
  SCORING_SHAPE_MISMATCH: {
    exit: 'badData',
    meaning: 'The simulated paths and the real path do not have the same number of points, or there is no path.',
    action: 'Score an answer against the real path of the same prompt; both need horizon / step + 1 points.',
  },
  REGIME_INVALID: {
    exit: 'config',
    meaning:
      "The file with the operator's own regimes is not valid: an unknown name, a missing field, or a contradiction.",
    action: 'Correct the named path; "tuner regimes show <id>" prints a known regime in the same form.',
  },
  REGIME_UNKNOWN: {
    exit: 'usage',
    meaning: 'No regime has this name, or no regime is known for this time.',
    action: 'Choose one of "tuner regimes list", or add it to the file named in regimes.file.',
  },
  ASSET_UNKNOWN: {
    exit: 'usage',
    meaning: 'These rules have no prompts for this asset.',
    action: 'Run "tuner regimes at <instant>" to see which prompts exist.',
  },
  HORIZON_UNKNOWN: {
    exit: 'usage',
    meaning: 'These rules have no prompts of this length.',
    action: 'Run "tuner regimes at <instant>" to see which prompts exist.',
  },
  RULE_VALUE_UNKNOWN: {
    exit: 'config',
    meaning: 'The rules of that time use a number that was never published.',
    action: 'Add it to the file named in regimes.file ("amends: <id>"), or choose another regime with --regime.',
  },
  OUTPUT_FAILED: {
    exit: 'tryAgain',
    meaning: 'A file cannot be written; no partial file is left.',
    action: 'Check that the folder is writable and that the disk is not full.',
  },
  REALIZED_PATH_WRITE_FAILED: {
    exit: 'tryAgain',
    meaning: 'A realised path could not be stored (disk full, file locked or damaged).',
    action:
      'Free some disk space or end the process that holds the database; the path is built again when it is needed.',
  },
  MINUTES_STORE_FAILED: {
    exit: 'tryAgain',
    meaning:
      'One-minute closes could not be read or stored (disk full, file locked or damaged); nothing of this batch was stored.',
    action: 'Free some disk space or end the process that holds the database; missing minutes are requested again.',
  },
  VOLATILITY_STORE_FAILED: {
    exit: 'tryAgain',
    meaning: 'The volatility states could not be read or stored (disk full, file locked or damaged).',
    action:
      'Free some disk space or end the process that holds the database; the miner continues from memory and retries each minute.',
  },
  MINUTES_INCOMPLETE: {
    exit: 'tryAgain',
    meaning: 'Some minutes of the range could not be fetched; the others are stored.',
    action: 'Run the command again later; "tuner minutes status" shows what is missing.',
  },
  SCORES_STORE_FAILED: {
    exit: 'tryAgain',
    meaning:
      'Scores of a replay could not be stored (disk full, file locked or damaged); nothing of this day was stored.',
    action: 'Free some disk space or end the process that holds the database, and run the command again: it continues.',
  },
  REPLAY_INCOMPLETE: {
    exit: 'tryAgain',
    meaning: 'Some predictions could not be scored this time; the others are stored.',
    action: 'Read the reasons above and run the command again: it continues where it stopped.',
  },
  REPLAY_DAMAGED_PATHS: {
    exit: 'badData',
    meaning:
      'Stored paths of the journal differ from those that were served, or cannot be read; the others are scored.',
    action: 'Restore the database from a backup and run "tuner replay --again"; the usual cause is a failing disk.',
  },
  RULES_CHANGED: {
    exit: 'tryAgain',
    meaning: 'The rules changed after a replay was planned, or differ between machines.',
    action: 'Run the command again; on several machines the file named in regimes.file must be the same.',
  },
  JOBS_STORE_FAILED: {
    exit: 'tryAgain',
    meaning: 'The table of jobs could not be read or written (disk full, file locked or damaged).',
    action: 'Free some disk space or end the process that holds the database, and run the command again: it continues.',
  },
  COMPETITION_UNKNOWN: {
    exit: 'usage',
    meaning: 'No competition has this name in the rules of that time.',
    action: 'Run "tuner regimes at <instant>" to see the competitions.',
  },
  MODEL_UNKNOWN: {
    exit: 'usage',
    meaning: 'The model is not known, or a parameter given with it is not known.',
    action: 'Run "tuner replay --help" for the models and the form of their parameters.',
  },
  WALLET_NAME_INVALID: {
    exit: 'config',
    meaning: 'The name of a wallet or hotkey is not a plain file name.',
    action: 'Write the plain name, e.g. wallet.name default; wallet.path is the folder of the wallets.',
  },
  WALLET_FILE_MISSING: {
    exit: 'config',
    meaning: 'The hotkey file does not exist.',
    action: 'Check wallet.path, wallet.name and wallet.hotkeys; "btcli wallet list" shows the existing ones.',
  },
  WALLET_FILE_UNREADABLE: {
    exit: 'config',
    meaning: 'The hotkey file exists but cannot be read, or is far too large.',
    action: 'Check that the user that runs the miner owns the file.',
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
    meaning: 'A miner cannot sign with the key in the hotkey file.',
    action: 'Use an sr25519 hotkey with its secret, as "btcli wallet new-hotkey" creates it.',
  },
  WALLET_ADDRESS_MISMATCH: {
    exit: 'config',
    meaning: 'The secret in the hotkey file does not belong to the address in the file.',
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
    meaning: 'The node serves a chain that is not the configured one; nothing was signed.',
    action: 'Check chain.endpoints, chain.network and chain.genesisHash.',
  },
  CHAIN_UNREACHABLE: {
    exit: 'tryAgain',
    meaning: 'No endpoint of the chain answers.',
    action: 'Check the network and chain.endpoints; the running miner retries by itself.',
  },
  CHAIN_GENESIS_UNKNOWN: {
    exit: 'config',
    meaning:
      'The chain is not a known one, and its genesis hash is not configured, so it cannot be told apart from others.',
    action: 'Set chain.genesisHash to the hash of its block 0.',
  },
  AXON_IP_NOT_PUBLIC: {
    exit: 'config',
    meaning: 'Others cannot reach the address to announce: it is private, loopback, link-local, CGNAT or zero.',
    action: 'Set chain.externalIp to the public IPv4 address of this computer.',
  },
  AXON_PORT_INVALID: {
    exit: 'config',
    meaning: 'The port to announce is not a valid port.',
    action: 'Set chain.externalPort, or axon.port, to a number from 1 to 65535.',
  },
  PARAMETER_UNKNOWN: {
    exit: 'usage',
    meaning: 'No tunable parameter has this name.',
    action: 'Run "tuner current" to see the parameters; docs/governance.md lists them with bounds and steps.',
  },
  PARAMETER_VALUE_INVALID: {
    exit: 'usage',
    meaning: 'The value is not a number, or names a model that is not installed.',
    action:
      'Give a number such as 0.93; for a champion the name of a model, for a blend a list such as calibrated=0.7,ewma=0.3.',
  },
  REASON_INVALID: {
    exit: 'usage',
    meaning: 'A change needs a reason, and so does undoing it: one line of at most 500 characters.',
    action: 'Write --reason "what you saw, and why this should help".',
  },
  REASON_MISSING: {
    exit: 'usage',
    meaning: 'There was no --reason, and nobody could be asked for one and for a yes; the ledger is unchanged.',
    action: 'Run the line that was printed: --yes asks no question, --reason TEXT says why.',
  },
  CHANGE_OUT_OF_BOUNDS: {
    exit: 'failed',
    meaning: 'The proposed value is outside the bounds of the parameter; the ledger is unchanged.',
    action: 'Run "tuner check ASSET PARAM" for bounds and step.',
  },
  CHANGE_STEP_TOO_LARGE: {
    exit: 'failed',
    meaning: 'The proposed value is more than one step away from the effective value; the ledger is unchanged.',
    action: 'Run "tuner check ASSET PARAM" for bounds and step; make the rest of the way with later changes.',
  },
  CHANGE_WITHOUT_EFFECT: {
    exit: 'failed',
    meaning: 'The proposed value is already effective, or no answer would change by it; the ledger is unchanged.',
    action: 'Run "tuner current" to see the effective values and the models that serve.',
  },
  CHANGE_TOO_EARLY: {
    exit: 'failed',
    meaning: 'Too little time has passed since the first start or the last change; the ledger is unchanged.',
    action: 'Wait until the date in the message; "tuner check ASSET PARAM" shows it again.',
  },
  CHANGE_IN_OBSERVATION: {
    exit: 'failed',
    meaning:
      'The last change of the asset is still under observation, so nothing else of it may change; the ledger is unchanged.',
    action: 'Wait for the verdict, or undo the change with "tuner revert ID".',
  },
  CHANGE_UNKNOWN: {
    exit: 'usage',
    meaning: 'No change has this number.',
    action: 'Run "tuner history" to see the changes.',
  },
  CHANGE_NOT_REVERTIBLE: {
    exit: 'failed',
    meaning: 'The change is undone already, or later changes depend on it; the ledger is unchanged.',
    action: 'Run "tuner history" to see the later changes; undo the newest one first.',
  },
  EVIDENCE_MISSING: {
    exit: 'failed',
    meaning: 'Too few prompts are scored with both values to tell whether the change helps; the ledger is unchanged.',
    action: 'Let the miner run and score it with "tuner replay", or decide yourself with --force and a reason.',
  },
  EVIDENCE_NOT_CONVINCING: {
    exit: 'failed',
    meaning: 'On the same prompts the new value is not significantly better; the ledger is unchanged.',
    action: 'Keep the value, or decide against the evidence with --force and a reason; that is marked permanently.',
  },
  EVIDENCE_UNKNOWN: {
    exit: 'usage',
    meaning: 'No evidence has this number, or it is for another change, or it is too old.',
    action: 'Omit --evidence to measure again.',
  },
  DIAGNOSIS_MISSING: {
    exit: 'tryAgain',
    meaning: 'No prediction is scored yet, so there is nothing to base a suggestion on.',
    action: 'Run "tuner replay" when the period of some prompts is over.',
  },
  LEDGER_CLOCK_BEHIND: {
    exit: 'tryAgain',
    meaning: "This computer's clock is before the time of the last ledger entry; nothing was written.",
    action: 'Set the clock (timedatectl, chrony), then run the command again.',
  },
  CLOCK_DOUBTED: {
    exit: 'tryAgain',
    meaning: "This computer's clock contradicts the last time that the miner stored; nothing was written.",
    action: 'Set the clock (timedatectl, chrony). If it is right, run "tuner ledger trust-clock --reason TEXT".',
  },
  LEDGER_BUSY: {
    exit: 'tryAgain',
    meaning: 'Another process holds the database; the ledger is unchanged.',
    action: 'Run the command again; if this repeats, end the process that holds the file.',
  },
  LEDGER_STORE_FAILED: {
    exit: 'tryAgain',
    meaning: 'The ledger could not be read or written (disk full, file damaged); nothing was written.',
    action: 'Free some disk space and check the file with "tuner history --verify"; restore a backup if it is damaged.',
  },
  LEDGER_DAMAGED: {
    exit: 'badData',
    meaning: 'The ledger was changed from outside: an entry does not match its hash, the previous entry, or the rules.',
    action: 'Restore the database from a backup; "tuner history --verify" names the first wrong entry.',
  },
  GOVERNANCE_DIVERGED: {
    exit: 'badData',
    meaning: 'The main database and the governance file beside it hold two different ledgers; nothing was changed.',
    action:
      'Keep one: to keep that of the main database, move the files "...-governance.*" to another folder, then start the miner.',
  },
  STORE_IN_USE_BY_OLDER: {
    exit: 'tryAgain',
    meaning:
      'The database needs an upgrade, and a miner of an older release is still at work on it; nothing was changed.',
    action: 'Restart the miner: it upgrades the database at its start.',
  },
  BACKUP_UNSOUND: {
    exit: 'badData',
    meaning: 'A backup is damaged, incomplete, or the file of another program; nothing was replaced.',
    action: 'Use another backup; "miner backup FOLDER" makes a new one and checks it.',
  },
  MODEL_REFUSED: {
    exit: 'badData',
    meaning: 'A model of the folder cannot be served: its file, its manifest or its output is not valid.',
    action: 'Correct what "miner models check <folder>" reports; the running miner serves without this model.',
  },
  RECIPE_INVALID: {
    exit: 'badData',
    meaning: 'A recipe of a model has a wrong setting, an unknown component or a shape that does not fit.',
    action: 'Correct each line named above; "tuner models list" shows what a recipe can use.',
  },
  COMPONENT_INVALID: {
    exit: 'badData',
    meaning: 'A file in a folder of blocks, heads, losses or features is not a component.',
    action: 'Correct or remove the named file; models/README.md shows what a component looks like.',
  },
  CHECKPOINT_REFUSED: {
    exit: 'badData',
    meaning: 'The checkpoint of a training is damaged, or belongs to another recipe, seed, fold or other data.',
    action: 'Train from the beginning, without --resume, or put the recipe and the data back that it belongs to.',
  },
  TRAINING_STOPPED: {
    exit: 'tryAgain',
    meaning:
      'A training ended before it was done: it was stopped, its process ended, or a checkpoint could not be written.',
    action: 'Free some disk space if that is the reason, and run the command again with --resume.',
  },
  TRAINING_FAILED: {
    exit: 'failed',
    meaning: 'A training cannot go on: the loss is no longer a number, or the model cannot be served as it is.',
    action: 'Read the reason; a lower training.learningRate or a smaller training.clip often helps.',
  },
  RUN_UNKNOWN: {
    exit: 'usage',
    meaning: 'No training has this number.',
    action: 'Run "tuner runs list" to see the newest ones.',
  },
  DEMO_FAILED: {
    exit: 'failed',
    meaning: 'In the demonstration a prompt had no valid answer, or a bad request was not refused correctly.',
    action: "Read the miner's log named above; heavy load on the machine is a possible cause.",
  },
  DEMO_STOPPED: {
    exit: 'tryAgain',
    meaning: 'The demonstration was stopped early, so it has no result.',
    action: 'Run it again to the end.',
  },
  BUG: {
    exit: 'bug',
    meaning: 'An unexpected error.',
    action: 'Report it with the stack trace.',
  },
} as const satisfies Record<string, CodeEntry>

export type ErrorCode = keyof typeof table

export const errorTable: Readonly<Record<ErrorCode, CodeEntry>> = table
