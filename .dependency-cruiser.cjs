/** Who may import whom. The comment of a rule is what the person who trips on it reads. */
const tests = '[.]test[.]ts$'
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
      name: 'adapters-know-only-core',
      severity: 'error',
      comment: 'An adapter implements a port of core. What two programs share lives in core.',
      from: { path: '^adapters/', pathNot: tests },
      to: { path: '^(daemon|tuner|models|dashboard)/' },
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
      name: 'models-import-core-only',
      severity: 'error',
      comment: 'The ONNX runtime reaches models/ through a port.',
      from: { path: '^models/', pathNot: tests },
      to: { path: '^(adapters|daemon|tuner|dashboard)/' },
    },
    {
      name: 'adapters-are-made-in-compose',
      severity: 'error',
      comment:
        'Only main.ts, the compose files and the workers they start know a real adapter; everything else takes a port.',
      from: {
        path: '^(daemon|tuner)/',
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
