/** On disk exactly while every nonce that was answered is on disk too. A resolved promise means: on disk. */
export interface CompletenessMark {
  isThere(): boolean
  make(): Promise<void>
  remove(): Promise<void>
}
