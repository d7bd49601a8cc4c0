import type { ApiOperation, Components, Contract } from './contracts.ts'
import { publicOperations } from './contracts.ts'
import { publicPath } from './routing.ts'

const DESCRIPTION = `The operations of all services that run.

- **Tokens**: press Authorize and paste one. A stack on your machine has two to try, of a customer and of staff: \`make up\` says
  where. Each operation says whom it is for, which its padlock does not.
- **Amounts** are whole numbers of minor units: 1250 EUR is 12.50 euros, 1250 JPY is 1250 yen.
- **Changes** send the \`ETag\` of what was read as \`If-Match\`: 412 where someone else was faster.
- **Errors** are problems (RFC 9457); \`errors\` names each wrong place by a JSON pointer.`

type Service = { service: string; contract: Contract }

/**
 * One OpenAPI 3.1 document of what people may call, of all services. Names of components and operations get their service's name
 * before them; the security schemes are the same everywhere. Services are in the order of their names, whichever was known first.
 */
export function mergedOpenApi(version: string, known: Service[]) {
  const services = known.toSorted((one, other) => one.service.localeCompare(other.service))
  const paths: Record<string, Record<string, object>> = {}
  const components: Components = {}
  for (const { service, contract } of services) {
    const { openapi } = contract.provides
    const named = withPrefix(service, openapi.components)
    const operations = publicOperations(service, contract)
    for (const { method, path, callers, described, id } of operations) {
      const operation = {
        ...described,
        ...{
          operationId: `${service}.${id}`,
          description: forWhom(callers, described),
          'x-callers': callers,
          tags: [service]
        }
      }
      const at = publicPath(service, path)
      paths[at] = { ...paths[at], [method]: named(operation) as object }
    }
    for (const [kind, ofKind] of Object.entries(usedComponents(openapi.components, operations))) {
      const renamed = Object.entries(ofKind).map(([name, value]) => [nameOf(service, kind, name), named(value)])
      components[kind] = { ...components[kind], ...Object.fromEntries(renamed) }
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Bulkhead', version, description: DESCRIPTION, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/', description: 'The gateway that this document is from' }],
    tags: services.map(({ service, contract }) => ({
      name: service,
      description: contract.provides.openapi.info.summary ?? ''
    })),
    paths,
    components
  }
}

function forWhom(callers: string[], { 'x-per-client': rate }: ApiOperation) {
  const callable = callers.includes('public')
    ? 'For anyone; a token may be sent, and may show more.'
    : `For ${callers.join(' and ')}, by their token.`
  return rate ? `${callable} At most ${rate.calls} calls in ${rate.seconds} seconds from one client.` : callable
}

const REFERENCE = /^#\/components\/(\w+)\/(.+)$/
const SHARED = 'securitySchemes'

const nameOf = (service: string, kind: string, name: string) => (kind === SHARED ? name : `${service}.${name}`)

/** Copies a part of a document with its references to components renamed. */
function withPrefix(service: string, components: Components) {
  return function renamed(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(renamed)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, below]) => {
        const [, kind = '', name = ''] = (key === '$ref' && REFERENCE.exec(String(below))) || []
        const known = components[kind]?.[name] !== undefined
        return [key, known ? `#/components/${kind}/${nameOf(service, kind, name)}` : renamed(below)]
      })
    )
  }
}

/** The components that operations refer to, directly or not: the others may describe what is not public. */
function usedComponents(components: Components, operations: unknown): Components {
  const used: Components = components[SHARED] ? { [SHARED]: components[SHARED] } : {}
  const follow = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, below] of Object.entries(value)) {
      const [, kind = '', name = ''] = (key === '$ref' && REFERENCE.exec(String(below))) || []
      const target = components[kind]?.[name]
      if (target !== undefined && used[kind]?.[name] === undefined) {
        used[kind] = { ...used[kind], [name]: target }
        follow(target)
      } else follow(below)
    }
  }
  follow(operations)
  return used
}
