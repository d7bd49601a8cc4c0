import * as z from 'zod'
import type { InvalidPlace } from '../core/index.ts'

type Issue = z.core.$ZodIssue
type RawIssue = z.core.$ZodRawIssue

/** Maximum number of values of an enumeration in a message. */
const MAX_VALUES = 20

const TYPES: Record<string, string> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'an array',
  object: 'an object',
  record: 'an object',
  null: 'null'
}

const FORMATS: Record<string, string> = {
  email: 'an e-mail address',
  url: 'a URL',
  uuid: 'a UUID',
  datetime: 'a date and time such as 2026-11-27T09:30:00Z',
  date: 'a date such as 2026-11-27'
}

/** Describes an issue for the caller, if the schema has no message of its own. Returns undefined to leave the message to zod. */
export function describeIssue(issue: RawIssue): string | undefined {
  if (issue.input === undefined && issue.code !== 'custom') return 'It is missing'
  switch (issue.code) {
    case 'invalid_type':
      return mustBe(isWhole(issue) ? TYPES.int : TYPES[issue.expected])
    case 'invalid_format':
      return mustBe(FORMATS[issue.format])
    case 'invalid_value':
      return mustBeOneOf(issue.values)
    case 'invalid_union':
      return 'options' in issue ? mustBeOneOf(issue.options as unknown[]) : undefined
    case 'too_small':
      return mustFit(issue, issue.minimum, issue.inclusive === false ? 'more than' : 'at least')
    case 'too_big':
      return mustFit(issue, issue.maximum, issue.inclusive === false ? 'less than' : 'at most')
    case 'unrecognized_keys':
      return 'It is not known'
    default:
      return undefined
  }
}

const isWhole = ({ inst }: RawIssue) => inst instanceof z.ZodNumber && inst.isInt

const mustBe = (what: string | undefined) => what && `Must be ${what}`

function mustBeOneOf(values: unknown[]) {
  if (values.length === 1) return `Must be ${values[0]}`
  const more = values.length > MAX_VALUES ? ` or ${values.length - MAX_VALUES} more` : ''
  return `Must be one of ${values.slice(0, MAX_VALUES).join(', ')}${more}`
}

type SizeIssue = { origin: string; exact?: boolean }

function mustFit({ origin, exact = false }: SizeIssue, limit: unknown, comparison: string) {
  const size = `${exact ? 'exactly' : comparison} ${limit}`
  if (origin === 'string') return `Must have ${size} character${limit === 1 ? '' : 's'}`
  if (origin === 'array') return `Must have ${size} item${limit === 1 ? '' : 's'}`
  return `Must be ${size}`
}

/** Returns the wrong places in a part of a request. Each unknown field is a separate place. */
export const wrongPlaces = (part: string, issues: Issue[]): InvalidPlace[] =>
  placesOf(issues).map(({ path, detail }) => ({ pointer: pointerTo(part, path), detail }))

/** Returns the number of unknown fields that the issues of a strict schema name. */
export const countUnknown = (issues: Issue[]): number => issues.reduce((sum, issue) => sum + unknownOf(issue), 0)

function unknownOf(issue: Issue): number {
  if (issue.code === 'unrecognized_keys') return issue.keys.length
  return issue.code === 'invalid_union' ? countUnknown(closest(issue.errors) ?? []) : 0
}

type Place = { path: PropertyKey[]; detail: string }

/**
 * Returns the places of issues. Ignores the size of a value of the wrong type, because zod compares the length of an array with the limit
 * of a text.
 */
function placesOf(issues: Issue[]): Place[] {
  const nameOf = ({ path }: Issue) => JSON.stringify(path)
  const mistyped = new Set(issues.filter(({ code }) => code === 'invalid_type').map(nameOf))
  const isOfSize = ({ code }: Issue) => code === 'too_small' || code === 'too_big'
  return issues.filter(issue => !isOfSize(issue) || !mistyped.has(nameOf(issue))).flatMap(placesOfIssue)
}

function placesOfIssue(issue: Issue): Place[] {
  const { path, message } = issue
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map(key => ({ path: [...path, key], detail: message }))
    case 'invalid_key':
      return issue.issues.map(({ message }) => ({ path, detail: `The name of the field: ${message}` }))
    case 'invalid_union':
      if (issue.errors.length > 0)
        return placesOfUnion(issue.errors).map(below => ({ ...below, path: [...path, ...below.path] }))
  }
  return [{ path, detail: message }]
}

/**
 * Returns the alternative of a union that the value matches except for unknown fields. If several match, returns the one with the fewest
 * unknown fields.
 */
function closest(alternatives: Issue[][]): Issue[] | undefined {
  const fitting = alternatives.filter(issues => issues.every(({ code }) => code === 'unrecognized_keys'))
  return fitting.toSorted((one, other) => countUnknown(one) - countUnknown(other))[0]
}

/**
 * Returns the places of the `closest` alternative. If there is none, returns the places of all alternatives, each with the demands of all
 * of them.
 */
function placesOfUnion(alternatives: Issue[][]): Place[] {
  const best = closest(alternatives)
  if (best) return placesOf(best)
  const byPath = Map.groupBy(alternatives.flatMap(placesOf), ({ path }) => JSON.stringify(path))
  return [...byPath.values()].map(places => {
    const details = new Set(places.map(({ detail }) => detail))
    return { path: places[0]!.path, detail: [...details].join(', or: ') }
  })
}

/** Returns the JSON pointer (RFC 6901) to a place in a part of a request. */
export const pointerTo = (part: string, path: PropertyKey[]) => ['', part, ...path.map(escapePointer)].join('/')

/** Escapes a name for a JSON pointer (RFC 6901, section 3). */
export const escapePointer = (name: PropertyKey) => String(name).replaceAll('~', '~0').replaceAll('/', '~1')
