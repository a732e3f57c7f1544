import { AppError } from '#core/base/errors/app-error'

export class WalletError extends AppError {}
