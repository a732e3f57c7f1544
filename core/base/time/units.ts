/** How long each unit of time is, in the unit that the name ends with. */
export const minuteMs = 60_000
export const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs
export const weekMs = 7 * dayMs

export const hourSeconds = 3_600
export const daySeconds = 86_400

export const hourMinutes = 60
export const dayMinutes = 1_440
export const weekMinutes = 7 * dayMinutes
