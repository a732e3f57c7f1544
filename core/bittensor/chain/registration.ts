/** Whether a hotkey is registered on the subnet, by the chain itself. */
export type Registration =
  | { readonly state: 'registered'; readonly uid: number }
  | { readonly state: 'deregistered' }
  /** The chain could not be asked yet. */
  | { readonly state: 'unknown'; readonly reason: string }

export interface RegistrationLookup {
  readonly netuid: number
  /** Returns 'unknown' instead of throwing when no chain can be reached. */
  registrationOf(address: string): Promise<Registration>
}
