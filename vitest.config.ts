import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Deadlines end what hangs. They are far from what a test takes, since a busy machine must not decide. */
const base = {
  environment: 'node' as const,
  testTimeout: 120_000,
  hookTimeout: 180_000,
}

/** The few long files of tests/ first; the many short ones beside the sources fill up what is left at the end. */
class LongFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isUnit = ({ project }: TestSpecification): boolean => project.name === 'unit'
    return [...sorted.filter((file) => !isUnit(file)), ...sorted.filter(isUnit)]
  }
}

export default defineConfig({
  test: {
    // Vitest itself would leave one core free, which on a machine of two is half of it.
    maxWorkers: availableParallelism(),
    sequence: { sequencer: LongFilesFirst },
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
          testTimeout: 240_000,
        },
      },
      {
        extends: true,
        test: { ...base, name: 'golden', include: ['tests/golden/**/*.test.ts'], testTimeout: 240_000 },
      },
      {
        extends: true,
        test: { ...base, name: 'interop', include: ['tests/interop/**/*.test.ts'], testTimeout: 240_000 },
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
      {
        extends: true,
        test: {
          ...base,
          name: 'long',
          // What takes a minute or more and rarely finds what the shorter tests miss; the fuzzer at its full length and
          // the forgers in their full number.
          include: [
            'tests/long/**/*.test.ts',
            'tests/integration/axon-fuzz.test.ts',
            'tests/integration/axon-forgers.test.ts',
          ],
          env: {
            VOLCAST_FUZZ_REQUESTS: process.env['VOLCAST_FUZZ_REQUESTS'] ?? '50000',
            VOLCAST_TEST_FORGERS: process.env['VOLCAST_TEST_FORGERS'] ?? '2500',
          },
          globalSetup: ['tests/support/build-once.ts'],
          testTimeout: 240_000,
        },
      },
    ],
  },
})
