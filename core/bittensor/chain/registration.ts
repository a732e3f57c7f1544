/** Whether a hotkey has a place in the subnet, as the chain itself says. */
export type Registration =
  | { readonly state: 'registered'; readonly uid: number }
  | { readonly state: 'deregistered' }
  /** Nobody could be asked yet. */
  | { readonly state: 'unknown'; readonly reason: string }

export interface RegistrationLookup {
  readonly netuid: number
  /** Answers 'unknown' instead of throwing when no chain can be reached. */
  registrationOf(address: string): Promise<Registration>
}
