// Only what Biome cannot see: rules that need types, and the ban on ambient time and chance.
import tseslint from 'typescript-eslint'

const ambient = (object, property) => ({
  object,
  property,
  message:
    'Time and chance come in as arguments (core/base/time/clock.ts, core/base/random/rng.ts); adapters/clock makes the real ones.',
})

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', '**/*.generated.ts', '**/*.cjs', '**/*.mjs'] },
  {
    files: ['**/*.ts'],
    plugins: { '@typescript-eslint': tseslint.plugin },
    languageOptions: { parser: tseslint.parser, parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    files: [
      'core/**/*.ts',
      'adapters/**/*.ts',
      'daemon/**/*.ts',
      'standins/**/*.ts',
      'tuner/**/*.ts',
      'models/**/*.ts',
    ],
    ignores: ['adapters/clock/**', '**/*.test.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        ambient('Date', 'now'),
        ambient('Math', 'random'),
        ambient('performance', 'now'),
        ambient('crypto', 'randomUUID'),
      ],
      'no-restricted-globals': ['error', 'setTimeout', 'setInterval'],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Take the time from a Clock.' },
      ],
    },
  },
)
