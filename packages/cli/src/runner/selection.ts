import { nearestName } from '../command-line/nearest-name.ts'
import { Failure } from '../failure.ts'
import { contractOf, neededServices } from '../services/needs.ts'
import type { Service, Stack } from '../services/stack.ts'
import { peopleIssuer } from '../tokens/people.ts'

/** The services of a stack that will run. */
export type Selection = {
  /** The stack with only these services. */
  stack: Stack
  /** Why each service runs, by its name. Empty if all services run because the user named none. */
  reasons: Map<string, string>
  /** The names of the services that do not run. */
  leftOut: string[]
}

const GATEWAY = 'gateway'
const PEOPLE = ['customer', 'staff']

/** Parses a text such as `catalog,cart` into names. Fails if it has no names or an unknown one, and suggests the most similar name. */
export function parseServices(stack: Stack, text: string): string[] {
  const known = stack.services.map(({ name }) => name)
  const names = text.split(/[\s,]+/).filter(name => name !== '')
  const wrong = names.find(name => !known.includes(name))
  if (wrong !== undefined) {
    const nearest = nearestName([wrong], known)
    throw new Failure(
      `there is no service "${wrong}"`,
      nearest ? `Did you mean ${nearest}?` : `Name some of ${known.join(', ')}`
    )
  }
  if (names.length === 0) throw new Failure('no service is named', `Name some of ${known.join(', ')}`)
  return names
}

/**
 * Selects the named services and those that they need by their contracts: the services that they call, the publishers of the events that
 * they handle, and the issuer of people's tokens if people may call them. Always adds the gateway. Without names, selects all services.
 */
export function selectServices(stack: Stack, names: string[] | undefined): Selection {
  if (!names) return { stack, reasons: new Map(), leftOut: [] }
  const all = stack.services.map(({ name }) => name)
  const reasons = new Map(names.map(name => [name, 'named']))
  if (all.includes(GATEWAY) && !reasons.has(GATEWAY)) reasons.set(GATEWAY, 'the API layer')
  // The loop also visits entries that are added to the Map meanwhile.
  for (const [name] of reasons) {
    for (const [needed, reason] of needsOf(stack, name)) if (!reasons.has(needed)) reasons.set(needed, reason)
  }
  const isSelected = ({ name }: Service) => reasons.has(name)
  return {
    stack: { ...stack, services: stack.services.filter(isSelected) },
    reasons,
    leftOut: all.filter(name => !reasons.has(name))
  }
}

/** Describes a selection in one line: each service with its reason, and the services that are left out. */
export function describeSelection({ stack, reasons, leftOut }: Selection): string {
  const started = stack.services.map(({ name }) => `${name} (${reasons.get(name)})`).join(', ')
  return leftOut.length > 0 ? `${started}. Left out: ${leftOut.join(', ')}` : `${started}. No service is left out`
}

/** Returns the services that a service needs, each with the reason. The gateway needs none, because it works with any services. */
function needsOf(stack: Stack, service: string): [string, string][] {
  if (service === GATEWAY) return []
  const { provides = {}, handles = [] } = contractOf(stack, service) ?? {}
  const publishes = (name: string, type: string) =>
    contractOf(stack, name)?.provides?.events?.some(event => event.type === type)
  const publishers = stack.services.filter(({ name }) => handles.some(type => publishes(name, type)))
  const issuer = provides.callers?.some(caller => PEOPLE.includes(caller)) && peopleIssuer(stack)
  return [
    ...neededServices(stack, service).map((name): [string, string] => [name, `${service} calls it`]),
    ...publishers.map(({ name }): [string, string] => [name, `${service} handles its events`]),
    ...(issuer ? [[issuer.name, `signs the tokens of people who call ${service}`] as [string, string]] : [])
  ]
}
