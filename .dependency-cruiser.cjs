/** Who may import whom. The comment of a rule is what the person who trips on it reads. */
const tests = '[.]test[.]ts$'

/** The wings of core in import order, each with what it holds. A wing may import itself and those before it. */
const wings = [
  ['base', 'what any program needs: errors, config loader, log, time, random, text, json, statistics, engine'],
  ['bittensor', 'what any miner needs: admission, chain, wallet'],
  ['synth', "the subnet's rules: regimes, scoring, prompts"],
  ['market', 'prices: venues, gates, board, minutes'],
  ['forecast', 'answers: volatility, models, paths, ladder, journal, parameters'],
  ['tuning', 'judging answers and changing parameters: replay, diagnosis, shadow, governance, views, runs, settings'],
]

const wingRules = wings.slice(0, -1).map(([wing, holds], index) => ({
  name: `core-${wing}-imports-earlier-wings-only`,
  severity: 'error',
  comment: `core/${wing} holds ${holds}. It must not know ${wings
    .slice(index + 1)
    .map(([later]) => later)
    .join(', ')}: move the shared part down, or this file up.`,
  from: { path: `^core/${wing}/`, pathNot: tests },
  to: {
    path: `^core/(${wings
      .slice(index + 1)
      .map(([later]) => later)
      .join('|')})/`,
  },
}))

module.exports = {
  forbidden: [
    {
      name: 'core-stays-pure',
      severity: 'error',
      comment: 'core holds rules. Put the I/O in adapters/ and give core a port.',
      from: { path: '^core/', pathNot: tests },
      to: { pathNot: ['^core/', 'node_modules/zod/'] },
    },
    {
      name: 'core-has-six-wings',
      severity: 'error',
      comment: `Every file of core lies in a folder of one of its wings: ${wings.map(([wing]) => wing).join(', ')}.`,
      from: {},
      to: { path: '^core/', pathNot: `^core/(${wings.map(([wing]) => wing).join('|')})/[^/]+/` },
    },
    ...wingRules,
    {
      name: 'adapters-know-only-core',
      severity: 'error',
      comment: 'An adapter implements a port of core. What two programs share lives in core.',
      from: { path: '^adapters/', pathNot: tests },
      to: { path: '^(daemon|standins|tuner|models|dashboard)/' },
    },
    {
      name: 'adapters-never-import-each-other',
      severity: 'error',
      comment:
        'Adapters are joined in compose.ts. adapters/clock and adapters/sqlite/database.ts are the only shared ones.',
      from: { path: '^adapters/([^/]+)/', pathNot: tests },
      to: { path: '^adapters/', pathNot: ['^adapters/$1/', '^adapters/clock/', '^adapters/sqlite/database[.]ts$'] },
    },
    {
      name: 'daemon-and-tuner-are-apart',
      severity: 'error',
      comment: 'Two programs around one core. What both need belongs in core/ or adapters/.',
      from: { path: '^(daemon|tuner)/' },
      to: { path: '^(daemon|tuner)/', pathNot: '^$1/' },
    },
    {
      name: 'the-miner-does-not-know-its-stand-ins',
      severity: 'error',
      comment: 'Stand-ins wrap the miner, not the other way round. Only daemon/main.ts joins them to the program.',
      from: { path: '^(daemon|tuner|models)/', pathNot: ['^daemon/main[.]ts$', tests] },
      to: { path: '^standins/' },
    },
    {
      name: 'stand-ins-do-not-know-the-tuner',
      severity: 'error',
      comment: 'Stand-ins play the world around the miner. What they share with the tuner lives in core/.',
      from: { path: '^standins/' },
      to: { path: '^(tuner|models|dashboard)/' },
    },
    {
      name: 'models-import-core-only',
      severity: 'error',
      comment:
        'The ONNX runtime reaches models/ through a port. Only index.ts, the door of the package, joins the two.',
      from: { path: '^models/', pathNot: ['^models/index[.]ts$', tests] },
      to: { path: '^(adapters|daemon|standins|tuner|dashboard)/' },
    },
    {
      name: 'the-miner-serves-and-does-not-train',
      severity: 'error',
      comment: 'The miner computes the features of models/features and knows nothing else of the toolkit: see ADR 99.',
      from: { path: '^daemon/', pathNot: tests },
      to: { path: '^models/', pathNot: '^models/registry/load-features[.]ts$' },
    },
    {
      name: 'adapters-are-made-in-compose',
      severity: 'error',
      comment:
        'Only main.ts, the compose files and the workers they start know a real adapter; everything else takes a port.',
      from: {
        path: '^(daemon|standins|tuner)/',
        pathNot: ['/(main|compose)[.]ts$', '/compose-[a-z]+[.]ts$', '-worker[.]ts$', tests],
      },
      to: { path: '^adapters/' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Two files that need each other are one idea, or miss a third.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      comment: 'The import leads nowhere.',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|node_modules)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['import', 'node', 'default', 'types'],
      exportsFields: ['exports'],
      mainFields: ['main', 'types'],
    },
  },
}
