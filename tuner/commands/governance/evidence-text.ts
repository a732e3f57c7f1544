import type { Terminal } from '#core/base/cli/terminal'
import { hourSeconds } from '#core/base/time/units'
import { describeShare, describeSize, type Evidence, isImprovement } from '#core/tuning/governance/evidence'

export function tellEvidence(terminal: Pick<Terminal, 'write'>, evidence: Evidence): void {
  terminal.write(describeEvidence(evidence))
  for (const horizon of evidence.comparison.horizons) {
    const name = `${horizon.timeLengthSeconds / hourSeconds}h`.padEnd(4)
    const means = `${horizon.oldMean.toFixed(2)} -> ${horizon.newMean.toFixed(2)}`
    const [low, high] = horizon.interval.map((bound) => bound.toFixed(2))
    terminal.write(`  ${name}${means}  ${horizon.meanDifference.toFixed(2)} (${low} to ${high}), n = ${horizon.count}`)
  }
  terminal.write(
    isImprovement(evidence.comparison)
      ? 'It supports the proposal.'
      : 'It does not support the proposal: chance could explain it.',
  )
}

export function describeEvidence({ id, comparison }: Evidence): string {
  return `Evidence ${id}: score ${describeShare(comparison)}, ${describeSize(comparison)}.`
}
