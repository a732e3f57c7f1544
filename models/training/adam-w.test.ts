import { expect, it } from 'vitest'
import { AdamW, clipScale, freshMoments, lengthOf } from './adam-w.ts'

const settings = { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.1 } as const
const fact = (name: string, offset: number, count: number, decays: boolean) => ({
  ...{ name, offset, shape: [count], decays },
  start: { kind: 'constant', value: 0 } as const,
})

/**
 * torch.optim.AdamW in double precision, lr 0.01 then 0.02 then 0.005, betas (0.9, 0.999), eps 1e-8; weight decay 0.1 for
 * the first three numbers and 0 for the last two; clip_grad_norm_ of 1 over all of them before each step.
 */
const gradients = [
  [0.3, -0.2, 0.05, 0.6, -0.4],
  [1.5, 0.7, -2.0, 0.1, 0.9],
  [-0.05, 0.02, 0.01, -0.03, 0.04],
]
const rates = [0.01, 0.02, 0.005]
const start = [0.5, -1.25, 2.0, 0.75, -0.1]
const ofPyTorch = [
  0.46528906318907337, -1.2399406162859292, 1.9996019535825618, 0.7231261509362982, -0.08912422973770012,
]

it('takes the steps of PyTorch', () => {
  const weights = Float32Array.from(start)
  const moments = freshMoments(5)
  const optimiser = new AdamW([fact('weight', 0, 3, true), fact('bias', 3, 2, false)], settings)
  for (const [step, numbers] of gradients.entries()) {
    const gradient = Float32Array.from(numbers)
    const scale = clipScale(lengthOf(gradient), 1)
    optimiser.step(weights, gradient, moments, { step, learningRate: rates[step]!, scale })
  }
  for (const [i, expected] of ofPyTorch.entries()) expect(Math.abs(weights[i]! - expected)).toBeLessThan(3e-7)
})

it('shortens a gradient that is too long, and no other', () => {
  expect(clipScale(5, 1)).toBe(0.2)
  expect(clipScale(0.5, 1)).toBe(1)
  expect(clipScale(5, null)).toBe(1)
  expect(lengthOf(Float32Array.of(3, -4))).toBe(5)
  expect(lengthOf(Float32Array.of(3, Number.NaN))).toBeNaN()
})
