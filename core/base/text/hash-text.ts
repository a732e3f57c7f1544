/** SHA-256 of a text, in hex. */
export type HashText = (text: string) => string
