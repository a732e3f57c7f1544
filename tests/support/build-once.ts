import { spawnSync } from 'node:child_process'

/** Tests that start the real programs run what is in dist/; `npm test` has just built it. */
export function setup(): void {
  if (process.env['VOLCAST_TEST_BUILT'] === '1') return
  const built = spawnSync(process.execPath, ['scripts/build.mjs'], {
    stdio: 'inherit',
  })
  if (built.status !== 0) throw new Error('the build failed')
}
