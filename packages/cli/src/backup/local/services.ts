import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { nearestName } from '../../command-line/nearest-name.ts'
import { Failure } from '../../failure.ts'
import { contractOf } from '../../services/needs.ts'
import type { Service, Stack } from '../../services/stack.ts'
import { customerErased, ERASURE_PUBLISHER } from '../erasures/people.ts'

/** The services with a store of records, callers before the services that they call. */
export function recordServices(stack: Stack): Service[] {
  const kept = stack.services.filter(({ state, store }) => state === 'records' && store !== 'none')
  const needsOf = (name: string) => Object.keys(contractOf(stack, name)?.needs ?? {})
  const sorted: Service[] = []
  const visit = (service: Service, path: string[]) => {
    if (sorted.includes(service) || path.includes(service.name)) return
    const inner = [...path, service.name]
    for (const caller of kept) if (needsOf(caller.name).includes(service.name)) visit(caller, inner)
    sorted.push(service)
  }
  for (const service of kept) visit(service, [])
  return sorted
}

/** Returns the services that the words of a command name. Fails if a word is no service with records. */
export function chosenServices(stack: Stack, words: string[]): Service[] {
  const all = recordServices(stack)
  if (words.length === 1 && words[0] === 'all') return all
  return words.map(word => {
    const service = all.find(({ name }) => name === word)
    if (service) return service
    const names = all.map(({ name }) => name)
    const nearest = nearestName([word], names)
    const exists = stack.services.some(({ name }) => name === word)
    throw new Failure(
      exists ? `${word} has no records to back up` : `there is no service "${word}"`,
      nearest && !exists ? `Did you mean ${nearest}?` : `Choose from all, ${names.join(', ')}`
    )
  })
}

/** The services whose events a service handles. */
export const publishersFor = (stack: Stack, service: string): string[] => [
  ...new Set((contractOf(stack, service)?.handles ?? []).map(type => type.split('.', 1)[0]!))
]

/** True if a service must erase the data of customers whose erasure is published. */
export const erasesCustomers = (stack: Stack, service: string): boolean =>
  contractOf(stack, service)?.handles?.includes(customerErased.type) ?? false

/** The service that publishes the erasures of customers. Undefined if there is none, or if it is not on MongoDB. */
export const erasurePublisher = (stack: Stack): Service | undefined =>
  stack.services.find(({ name, store }) => name === ERASURE_PUBLISHER && store === 'mongodb')

/** True unless this stack never had a store for the service. */
export function mayHaveRecords(
  stack: Stack,
  { name, store }: Service,
  { MONGODB_URL, REDIS_URL }: NodeJS.ProcessEnv
): boolean {
  if (store === 'mongodb' ? MONGODB_URL : REDIS_URL) return true
  return ['mv', 'mongod', 'redis'].some(kind => existsSync(join(stack.folder, 'stores', `${name}.${kind}`)))
}
