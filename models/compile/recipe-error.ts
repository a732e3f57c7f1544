import { InputError } from '#core/base/errors/app-error'
import type { Problem } from './recipe.ts'

/** For a command that cannot go on: every problem in one message. */
export function recipeError(problems: readonly Problem[]): InputError {
  return new InputError('RECIPE_INVALID', problems.map(showProblem).join('\n'))
}

/** `mine.yaml:4: model.poolin: This key is unknown. Did you mean pooling?` */
export function showProblem({ path, file, line, sentence }: Problem): string {
  const place = file === undefined ? '' : `${file}${line === undefined ? '' : `:${line}`}: `
  return `${place}${path === '' ? '' : `${path}: `}${sentence}`
}
