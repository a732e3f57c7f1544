import { AppError } from '#core/base/errors/app-error'

export class ChainError extends AppError {}
