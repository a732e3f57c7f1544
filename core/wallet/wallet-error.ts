import { AppError } from '../errors/app-error.ts'

export class WalletError extends AppError {}
