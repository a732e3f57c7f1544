import type { Competition, PromptProfile, RegimeRules } from './regime.ts'

/** What a schema cannot check: that the parts of a regime fit together. Sentences; empty when all is well. */
export function findContradictions(rules: RegimeRules): string[] {
  return [
    ...rules.competitions.flatMap((competition) => checkCompetition(competition, rules)),
    ...checkRoutes(rules),
    ...rules.promptProfiles.flatMap((profile) => checkProfile(profile, rules)),
    ...checkVolatility(rules),
    ...rules.external.flatMap(({ key, minParticipants: min, maxParticipants: max }) =>
      min !== null && max !== null && min > max ? [`external.${key}: minParticipants is above maxParticipants.`] : [],
    ),
  ]
}

function checkCompetition(competition: Competition, rules: RegimeRules): string[] {
  const at = `competitions.${competition.key}`
  const { timeLengthSeconds: length, timeIncrementSeconds: increment } = competition
  const problems = repeated(competition.assets).map((asset) => `${at}.assets: ${asset} is listed twice.`)
  if (length % increment !== 0) problems.push(`${at}: timeLengthSeconds is not a multiple of timeIncrementSeconds.`)
  for (const { name, seconds } of [...competition.intervals, ...competition.volatilityBlocks]) {
    if (seconds < increment) problems.push(`${at}: ${name} is shorter than one step of ${increment} s.`)
    if (seconds > length) problems.push(`${at}: ${name} is longer than the prompt of ${length} s.`)
  }
  for (const asset of competition.assets) {
    const source = Object.hasOwn(rules.priceSources, asset) ? rules.priceSources[asset] : undefined
    if (source === undefined) problems.push(`${at}.assets: ${asset} has no entry in priceSources.`)
    const isAsked = rules.promptProfiles.some(
      (profile) => profile.timeLengthSeconds === length && profile.assets.includes(asset),
    )
    // An asset that is being removed is scored for a while after its last prompt.
    if (!isAsked && source !== undefined && source.until === null) {
      problems.push(`${at}.assets: ${asset} is in no prompt profile of ${length} s.`)
    }
  }
  return problems
}

function checkRoutes(rules: RegimeRules): string[] {
  const routes = rules.competitions.flatMap(({ key, timeLengthSeconds, assets }) =>
    rules.route === 'byLength'
      ? [{ key, route: `${timeLengthSeconds} s` }]
      : assets.map((asset) => ({ key, route: `${asset} at ${timeLengthSeconds} s` })),
  )
  return repeated(routes.map(({ route }) => route)).map((route) => {
    const keys = routes.filter((entry) => entry.route === route).map((entry) => entry.key)
    return `competitions: ${route} belongs to ${keys.join(' and ')}.`
  })
}

function checkProfile(profile: PromptProfile, rules: RegimeRules): string[] {
  const at = `promptProfiles.${profile.label}`
  const problems = repeated(profile.assets).map((asset) => `${at}.assets: ${asset} is listed twice.`)
  const inLanes = new Set(profile.lanes.flatMap((lane) => lane.assets))
  for (const asset of profile.assets) {
    if (!inLanes.has(asset)) problems.push(`${at}.lanes: ${asset} is in no lane.`)
    const competition = rules.competitions.find(
      (candidate) => candidate.timeLengthSeconds === profile.timeLengthSeconds && candidate.assets.includes(asset),
    )
    if (competition === undefined) {
      problems.push(`${at}.assets: ${asset} at ${profile.timeLengthSeconds} s belongs to no competition.`)
    } else if (competition.timeIncrementSeconds !== profile.timeIncrementSeconds) {
      problems.push(`${at}: timeIncrementSeconds differs from that of competitions.${competition.key}.`)
    }
  }
  for (const asset of inLanes) {
    if (!profile.assets.includes(asset)) problems.push(`${at}.lanes: ${asset} is not among the profile's assets.`)
  }
  for (const { intervalMinutes, offsetMinutes } of profile.lanes) {
    const [min, max] =
      typeof intervalMinutes === 'number'
        ? [intervalMinutes, intervalMinutes]
        : [intervalMinutes.min, intervalMinutes.max]
    if (min > max) problems.push(`${at}.lanes: intervalMinutes.min is above its max.`)
    if (offsetMinutes !== null && offsetMinutes >= max)
      problems.push(`${at}.lanes: offsetMinutes is not below the interval.`)
  }
  return [...new Set(problems)]
}

function checkVolatility(rules: RegimeRules): string[] {
  const withBlocks = rules.competitions.filter((competition) => competition.volatilityBlocks.length > 0)
  if (rules.totalScore === 'pricePlusVol' && withBlocks.length === 0) {
    return ['totalScore: pricePlusVol needs volatilityBlocks in some competition.']
  }
  return rules.totalScore === 'price'
    ? withBlocks.map(({ key }) => `competitions.${key}.volatilityBlocks: nothing uses them while totalScore is price.`)
    : []
}

function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))]
}
