import { defineConfig } from 'vitest/config'

const base = {
  environment: 'node' as const,
  testTimeout: 20_000,
  hookTimeout: 60_000,
}

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          ...base,
          name: 'unit',
          include: ['{core,adapters,daemon,standins,tuner,models,scripts,tests/support}/**/*.test.ts'],
        },
      },
      {
        extends: true,
        test: { ...base, name: 'contract', include: ['tests/contract/**/*.test.ts'] },
      },
      {
        extends: true,
        test: {
          ...base,
          name: 'integration',
          include: ['tests/integration/**/*.test.ts'],
          globalSetup: ['tests/support/build-once.ts'],
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: { ...base, name: 'golden', include: ['tests/golden/**/*.test.ts'], testTimeout: 120_000 },
      },
      {
        extends: true,
        test: { ...base, name: 'interop', include: ['tests/interop/**/*.test.ts'], testTimeout: 120_000 },
      },
      {
        extends: true,
        test: {
          ...base,
          name: 'crash',
          include: ['tests/crash/**/*.test.ts'],
          globalSetup: ['tests/support/build-once.ts'],
          testTimeout: 600_000,
        },
      },
    ],
  },
})
