import { AppError } from '../errors/app-error.ts'

export class ChainError extends AppError {}
